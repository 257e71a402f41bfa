//! What was meant by a name that is not there.

/// The name that was most likely meant by one that is not there: the likeliest, if it is likely.
/// `compared` gives the form in which `wanted` and the names are compared.
pub fn nearest<'n>(
    wanted: &str,
    names: &'n [String],
    compared: impl Fn(&str) -> String,
) -> Option<&'n String> {
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(&compared(name), wanted), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
