//! The frame of every page: its head, style and footer.

use crate::text::escaped;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
/// Forbids a browser to load or run anything, regardless of the content of the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";

/// A whole page. `masked` is a note in the footer that values are masked or left out.
pub(crate) fn document(title: &str, body: &Markup, masked: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                title { (escaped(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer {
                    p { "Written by engage " (version) ". "
                        @if let Some(masked) = masked { (masked) } }
                }
            }
        }
    };
    page.into_string() + "\n"
}
