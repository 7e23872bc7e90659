//! Links in terminals that are known to have them (OSC 8); others would show rubbish, or nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// The variables of terminals with links, and what the value must say, if anything.
const TERMINALS: &[(&str, Option<&str>)] = &[
    ("TERM_PROGRAM", Some("iTerm.app")),
    ("TERM_PROGRAM", Some("WezTerm")),
    ("TERM_PROGRAM", Some("vscode")),
    ("TERM_PROGRAM", Some("ghostty")),
    ("TERM", Some("xterm-kitty")),
    ("TERM", Some("alacritty")),
    ("TERM", Some("foot")),
    ("WT_SESSION", None),
    ("KONSOLE_VERSION", None),
    ("DOMTERM", None),
];

/// The first release of VTE, which GNOME's terminals are made of, whose links do no harm.
const VTE: u32 = 5000;

/// Whether the terminal that these variables tell of has links.
pub(crate) fn has_links(environment: &BTreeMap<String, String>) -> bool {
    let variable = |name: &str| environment.get(name).cloned();
    if let Some(forced) = variable("FORCE_HYPERLINK") {
        return forced != "0";
    }
    // Programs in between cut links to pieces, or let nothing through.
    if variable("TMUX").is_some() || variable("STY").is_some() {
        return false;
    }
    let vte = variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
    vte.is_some_and(|version| version >= VTE)
        || TERMINALS.iter().any(|(name, value)| match (variable(name), value) {
            (Some(found), Some(value)) => found == *value,
            (Some(found), None) => !found.is_empty(),
            (None, _) => false,
        })
}

/// A text that leads somewhere when it is clicked.
pub(crate) fn link(address: &str, text: &str) -> String {
    format!("\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\")
}

/// Where Prisma tells of one of its codes.
pub(crate) fn of_code(code: &str) -> Option<String> {
    let is_digits = |rest: &str| rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_prisma = code.strip_prefix('P').is_some_and(is_digits);
    is_prisma.then(|| {
        format!("https://www.prisma.io/docs/orm/reference/error-reference#{}", code.to_lowercase())
    })
}

/// The address of a file.
pub(crate) fn of_file(path: &Path) -> String {
    let mut address = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::{has_links, of_code, of_file};

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: bool) {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_eq!(has_links(&owned.collect()), expected, "{variables:?}");
    }

    #[test]
    fn only_terminals_that_are_known_have_links() {
        check(&[], false);
        check(&[("TERM", "xterm-256color")], false);
        check(&[("TERM", "xterm-kitty")], true);
        check(&[("TERM_PROGRAM", "Apple_Terminal")], false);
        check(&[("TERM_PROGRAM", "WezTerm")], true);
        check(&[("TERM_PROGRAM", "WezTerm"), ("TMUX", "/tmp/x")], false);
        check(&[("VTE_VERSION", "4205")], false);
        check(&[("VTE_VERSION", "7600")], true);
        check(&[("VTE_VERSION", "7600"), ("FORCE_HYPERLINK", "0")], false);
        check(&[("FORCE_HYPERLINK", "1")], true);
    }

    #[test]
    fn addresses_are_whole() {
        let page = "https://www.prisma.io/docs/orm/reference/error-reference#p3009";
        assert_eq!(of_code("P3009").as_deref(), Some(page));
        assert_eq!(of_code("drift"), None);
        assert_eq!(of_file(std::path::Path::new("/a b/c")), "file:///a%20b/c");
    }
}
