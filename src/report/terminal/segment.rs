//! A segment in words with the indexes that find it, and the number of its customers.

use crate::outcome::{counted, grouped};
use crate::report::{has_negation, segment_lines};
use crate::segment::Segment;
use crate::text::escaped;
use std::path::Path;

/// A segment in words and the indexes that find it, line ends included.
pub fn segment_explanation(segment: &Segment, indexes: &[String], store: &Path) -> String {
    let mut text = format!("Customers of whom this is true:\n{}\n", segment_lines(segment.tree()));
    text.push_str(if segment.names_archived() {
        "Archived customers are not left out: the expression speaks of them.\n"
    } else {
        "Archived customers are left out.\n"
    });
    if has_negation(segment.tree()) {
        text.push_str(
            "Who has no value is in none of its comparisons, != and not included: add or NAME is null.\n",
        );
    }
    text.push_str(&search(indexes, store));
    text
}

fn search(indexes: &[String], store: &Path) -> String {
    let names: Vec<String> = indexes.iter().map(|name| escaped(name)).collect();
    match names.as_slice() {
        [] => {
            let store = escaped(&store.display().to_string());
            format!("No index of {store} finds them: every customer is looked at.\n")
        }
        [name] => format!("The index on {name} finds them.\n"),
        names => format!("The indexes on {} find them.\n", names.join(", ")),
    }
}

/// The number of customers of a segment, and how many of them were shown, without a line end.
pub fn member_count(count: u64, shown: u64) -> String {
    let customers = counted(count, "customer");
    if shown >= count {
        return customers;
    }
    format!("{} of {customers}: --limit N shows more, --format csv all", grouped(shown))
}
