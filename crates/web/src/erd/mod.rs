//! Diagrams of tables and what refers to what: as a picture, as Mermaid, as Graphviz.

mod dot;
mod layout;
mod mermaid;
#[cfg(test)]
mod sample;
mod svg;

pub use dot::dot;
pub use layout::Detail;
pub use mermaid::mermaid;
pub use svg::svg;

#[cfg(test)]
pub(crate) use sample::sample;
pub(crate) use svg::{STYLE, figure};

use engine::Verb;

/// How a change is shown: the class of what changes, its sign, and the word for it.
pub(crate) fn shown(change: Verb) -> (&'static str, &'static str, &'static str) {
    match change {
        Verb::Create => ("added", "+", "added"),
        Verb::Alter => ("changed", "~", "changed"),
        Verb::Drop => ("dropped", "−", "dropped"),
    }
}
