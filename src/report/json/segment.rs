//! The explanation of a segment as JSON.

use crate::report::segment_words;
use crate::segment::Segment;
use serde_json::json;

/// A segment in words and the indexes that its query uses, as one JSON object without a line end.
pub fn segment_explanation_json(segment: &Segment, indexes: &[String]) -> String {
    json!({
        "reading": segment_words(segment.tree()),
        "conditions": segment.tree().count(),
        "archived_included": segment.names_archived(),
        "indexes": indexes,
    })
    .to_string()
}
