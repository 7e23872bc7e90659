//! The frame of every page: what stands at its head and beside it, its looks, and what it may do.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::{erd, theme};

/// What a page does in the browser.
pub const SCRIPT: &str = include_str!("../assets/script.js");

/// What a page looks like.
pub fn style() -> String {
    format!("{}{}{}", theme::properties(), include_str!("../assets/style.css"), erd::STYLE)
}

/// A page.
pub struct Shell<'a> {
    /// What the browser's tab shows.
    pub title: &'a str,
    /// What the page is about, at its head.
    pub heading: &'a str,
    /// What stands below that.
    pub about: Markup,
    /// Other pages: their names and addresses, and whether it is this one.
    pub pages: Vec<(String, String, bool)>,
    /// What the page consists of.
    pub sections: Vec<Section>,
    /// What stands at its foot.
    pub foot: Markup,
    /// Where its looks and its script are.
    pub assets: Assets<'a>,
}

/// A part of a page.
pub struct Section {
    /// The last part of its address.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What stands behind its name in the list of sections: how many, or a word.
    pub mark: Option<Markup>,
    /// What is in it.
    pub body: Markup,
}

/// Where the looks and the script of a page are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assets<'a> {
    /// In the page, which has nothing from elsewhere.
    Inside,
    /// At the server that the page comes from, below this address.
    Below(&'a str),
}

/// The sign of undrift, for the browser's tab.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
                    %3Crect width='16' height='16' rx='4' fill='%231a5bb8'/%3E\
                    %3Cpath d='M4 4v4a4 4 0 0 0 8 0V4' fill='none' stroke='white' stroke-width='2'/%3E%3C/svg%3E";

impl Shell<'_> {
    /// The page as text.
    pub fn page(&self) -> String {
        let Self { title, heading, about, pages, sections, foot, assets } = self;
        let style = style();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="same-origin";
                    meta name="robots" content="noindex";
                    @match assets {
                        Assets::Inside => {
                            meta http-equiv="Content-Security-Policy" content=(policy(&style));
                        }
                        Assets::Below(_) => {}
                    }
                    title { (title) }
                    link rel="icon" href=(ICON);
                    @match assets {
                        Assets::Inside => style { (PreEscaped(&style)) },
                        Assets::Below(base) => {
                            link rel="stylesheet" href={ (base) "/style.css" };
                            script src={ (base) "/script.js" } defer {}
                        }
                    }
                }
                body {
                    a class="skip" href="#content" { "Skip to the content" }
                    header class="top" {
                        div class="brand" {
                            span class="mark" aria-hidden="true" {
                                svg viewBox="0 0 16 16" width="22" height="22" {
                                    rect width="16" height="16" rx="4" {}
                                    path d="M4 4v4a4 4 0 0 0 8 0V4" {}
                                }
                            }
                            span { "undrift" }
                        }
                        @if !pages.is_empty() {
                            nav class="pages" aria-label="Pages" {
                                @for (name, address, is_here) in pages {
                                    a href=(address) aria-current=[is_here.then_some("page")] { (name) }
                                }
                            }
                        }
                        button type="button" class="theme" data-theme-switch hidden {
                            "Theme: " span data-theme-name { "system" }
                        }
                    }
                    div class=(if sections.len() > 1 { "columns" } else { "columns single" }) {
                        @if sections.len() > 1 {
                            nav class="sections" aria-label="Sections" {
                                ul {
                                    @for section in sections {
                                        li {
                                            a href={ "#" (section.id) } {
                                                span { (section.title) }
                                                @if let Some(mark) = &section.mark { (mark) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                        main id="content" tabindex="-1" {
                            div class="title" {
                                h1 { (heading) }
                                div class="about" { (about) }
                            }
                            @for section in sections {
                                section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                                    h2 id={ (section.id) "-title" } { (section.title) }
                                    (section.body)
                                }
                            }
                        }
                    }
                    footer class="foot" { (foot) }
                    @if *assets == Assets::Inside { script { (PreEscaped(SCRIPT)) } }
                }
            }
        };
        page.into_string()
    }
}

/// What a page without anything from elsewhere may do: look like this, and run this.
fn policy(style: &str) -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hash(style),
        hash(SCRIPT)
    )
}
