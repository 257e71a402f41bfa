//! The password of a connection, if its URL has none: `PGPASSWORD`, or the file `~/.pgpass`.

use super::url::PostgresUrl;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// The password for a URL, if there is one.
pub(super) fn password(url: &PostgresUrl) -> Option<String> {
    let given = url.password.clone();
    let environment = || std::env::var("PGPASSWORD").ok().filter(|text| !text.is_empty());
    given.or_else(environment).or_else(|| from_file(url))
}

fn from_file(url: &PostgresUrl) -> Option<String> {
    let path = std::env::var_os("PGPASSFILE")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pgpass")))?;
    // As psql does: a file that others may read is not used.
    let metadata = fs::metadata(&path).ok()?;
    if !metadata.is_file() || metadata.permissions().mode() & 0o077 != 0 {
        return None;
    }
    let host = if url.host.starts_with('/') { "localhost" } else { &url.host };
    let port = url.port.to_string();
    let wanted = [host, &port, &url.database, &url.user];
    fs::read_to_string(path).ok()?.lines().find_map(|line| {
        let fields = fields(line);
        let [given @ .., password] = fields.as_slice() else { return None };
        let fits = given.len() == wanted.len()
            && given.iter().zip(wanted).all(|(given, wanted)| given == "*" || given == wanted);
        fits.then(|| password.clone())
    })
}

/// The fields of a line, in which `\` escapes the next character.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' if fields.len() < 5 => fields.push(String::new()),
            c => {
                let c = if c == '\\' { characters.next().unwrap_or(c) } else { c };
                if let Some(field) = fields.last_mut() {
                    field.push(c);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_five_fields() {
        assert_eq!(fields(r"h\:1:5432:d:u:p:w\\x"), ["h:1", "5432", "d", "u", r"p:w\x"]);
    }
}
