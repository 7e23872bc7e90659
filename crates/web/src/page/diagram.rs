//! The diagram of a page.

use engine::Diagram;
use maud::{Markup, html};

use crate::erd::{Detail, figure};

/// Shows a diagram, or that there is nothing to be drawn.
pub(crate) fn diagram(diagram: &Diagram) -> Markup {
    if diagram.tables.is_empty() {
        return html! { p class="muted" { "There are no tables." } };
    }
    html! {
        p class="muted" { "Of " (diagram.of) "." }
        (figure(diagram, Detail::Fitting))
    }
}
