//! Colours, by light and dark. Text on the surface it is meant for has a contrast of 4.5 at least.

use std::fmt::Write as _;

/// Each colour: its name, and what it is in light and in dark.
const COLOURS: &[(&str, &str, &str)] = &[
    ("page", "#f6f7f8", "#121518"),
    ("surface", "#ffffff", "#1a1e23"),
    ("sunken", "#f1f3f5", "#22272e"),
    ("text", "#1b2026", "#e3e7eb"),
    ("muted", "#5a6470", "#9da7b3"),
    ("border", "#dfe3e8", "#2e353d"),
    ("edge", "#b9c1ca", "#4b5560"),
    ("accent", "#1a5bb8", "#83b4ff"),
    ("accent-bg", "#e7effb", "#1b2b45"),
    ("good", "#17693f", "#74d29c"),
    ("good-bg", "#e4f3ea", "#16301f"),
    ("warn", "#7d4c00", "#e9b45c"),
    ("warn-bg", "#fcf0d9", "#362a12"),
    ("bad", "#ab231c", "#ff938a"),
    ("bad-bg", "#fbe8e6", "#3c1b1a"),
    ("word", "#1a4f9c", "#8ab8ff"),
    ("string", "#8a3a10", "#f0a97f"),
    ("number", "#6a3a9c", "#c7a3f2"),
    ("line", "#6d7885", "#8995a2"),
    ("cluster", "#eef1f4", "#171b20"),
    ("head", "#e6eaef", "#2a313a"),
];

/// The colours as custom properties of a page, light unless the system or the reader wants dark.
pub(crate) fn properties() -> String {
    let block = |dark: bool| {
        COLOURS.iter().fold(String::new(), |mut text, (name, light, in_dark)| {
            // Writing to a string cannot fail.
            let _ = write!(text, "--{name}:{};", if dark { in_dark } else { light });
            text
        })
    };
    let (light, dark) = (block(false), block(true));
    format!(
        ":root{{{light}color-scheme:light}}\n\
         @media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}color-scheme:dark}}}}\n\
         :root[data-theme=dark]{{{dark}color-scheme:dark}}\n\
         @media print{{:root:root:root{{{light}color-scheme:light}}}}\n"
    )
}

/// A style sheet with the colours in place of the properties: for pictures, which not every program shows
/// that knows properties.
pub(crate) fn resolved(css: &str) -> String {
    let with = |dark: bool| {
        COLOURS.iter().fold(css.to_owned(), |css, (name, light, in_dark)| {
            css.replace(&format!("var(--{name})"), if dark { in_dark } else { light })
        })
    };
    format!("{}\n@media (prefers-color-scheme:dark){{\n{}}}\n", with(false), with(true))
}

#[cfg(test)]
mod tests {
    use super::COLOURS;

    /// The luminance that WCAG defines.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn text_can_be_read() {
        let of = |wanted: &str| COLOURS.iter().find(|(name, ..)| *name == wanted).unwrap();
        for (text, grounds) in [
            ("text", ["page", "surface", "sunken", "cluster", "head"].as_slice()),
            ("muted", &["page", "surface", "sunken", "cluster", "head"]),
            ("accent", &["page", "surface", "sunken", "accent-bg"]),
            ("good", &["surface", "page", "good-bg"]),
            ("warn", &["surface", "page", "warn-bg"]),
            ("bad", &["surface", "page", "bad-bg"]),
            ("word", &["sunken"]),
            ("string", &["sunken"]),
            ("number", &["sunken"]),
            ("text", &["good-bg", "warn-bg", "bad-bg"]),
            ("muted", &["good-bg", "warn-bg", "bad-bg"]),
        ] {
            for ground in grounds {
                let (text, ground) = (of(text), of(ground));
                for pair in [(text.1, ground.1), (text.2, ground.2)] {
                    let (one, other) = (luminance(pair.0), luminance(pair.1));
                    let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                    assert!(contrast >= 4.5, "{} on {}: {contrast:.2}", text.0, ground.0);
                }
            }
        }
    }
}
