//! What every page has around what it says.

use crate::text::escaped;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
/// A browser loads and runs nothing for a page, regardless of its content.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";

/// A whole page. `masked` says why values are not there, in its last line.
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
