//! Every option that an import suggests is tried on the same file, and does no harm.

use super::sandbox::{Run, Sandbox};
use std::fs;
use std::path::PathBuf;

/// The options that a hint may name, each with a value.
const OPTIONS: [&str; 8] = [
    "-m",
    "--key",
    "--region",
    "--region-column",
    "--type",
    "--on-invalid",
    "--device-platform",
    "--null",
];

/// Placeholders for a value in a hint, and words after an option without a value.
const PLACEHOLDERS: [&str; 6] = ["COLUMN", "ATTRIBUTE", "CC", "NAME", "FILE", "says"];

/// The words of a text, split like a shell does.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '\'' => (quoted, begun) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// The options that a run printed, each with its value.
fn hints(run: &Run) -> Vec<[String; 2]> {
    let text = format!("{}\n{}", run.stdout, run.stderr);
    // A wrapped line is one hint.
    let words = words(&text.replace('\n', " "));
    let mut found = Vec::new();
    for pair in words.windows(2) {
        let value = pair[1].trim_end_matches(['.', ',', ';', ':', ')']);
        let is_whole = !PLACEHOLDERS.iter().any(|word| value.split(['=', ':']).any(|p| p == *word));
        let hint = [pair[0].clone(), value.to_owned()];
        if OPTIONS.contains(&pair[0].as_str()) && is_whole && !found.contains(&hint) {
            found.push(hint);
        }
    }
    found
}

fn fixtures(kind: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "csv")).collect();
    files.sort();
    files
}

fn rejected(sandbox: &Sandbox) -> Option<u64> {
    let text = fs::read_to_string(sandbox.path("r.json")).ok()?;
    let report: serde_json::Value = serde_json::from_str(&text).ok()?;
    report["records"]["rejected"].as_u64()
}

fn import(path: &PathBuf, more: &[String]) -> (Run, Option<u64>) {
    let name = path.file_name().unwrap().to_str().unwrap();
    import_content(name, &fs::read(path).unwrap(), more)
}

fn import_content(name: &str, content: &[u8], more: &[String]) -> (Run, Option<u64>) {
    let sandbox = Sandbox::with(name, content);
    let mut arguments = vec!["import", name, "--report", "r.json"];
    arguments.extend(more.iter().map(String::as_str));
    let run = sandbox.run(&arguments);
    let rejected = rejected(&sandbox);
    (run, rejected)
}

#[test]
fn every_option_that_an_import_prints_can_be_followed() {
    let mut followed = 0;
    let mut wrong = Vec::new();
    for path in ["exports", "border"].into_iter().flat_map(fixtures) {
        let (run, before) = import(&path, &[]);
        let is_done = matches!(run.code, 0 | 3);
        for hint in hints(&run) {
            followed += 1;
            let (after, rejected) = import(&path, &hint);
            let is_worse = is_done && rejected > before;
            if !matches!(after.code, 0 | 3) || is_worse {
                let name = path.file_name().unwrap().to_str().unwrap();
                wrong.push(format!(
                    "{name}: {} {}: exit {}, {rejected:?} rejected, {before:?} without\n{}",
                    hint[0], hint[1], after.code, after.stderr
                ));
            }
        }
    }
    assert!(followed > 20, "only {followed} hints were followed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A small file of each kind that gets a hint, with the subject of the hint.
const KINDS: [(&str, &str); 15] = [
    ("no region", "id,phone\n7,0201234567\n9,0207654321\n12,0203456789\n"),
    ("American numbers", "id,phone\n7,(212) 555-0143\n9,(646) 555-0144\n12,(415) 555-0145\n"),
    (
        "a country column",
        "id,phone,country\n7,07911 123401,GB\n9,07911 123402,GB\n12,07911 123403,GB\n",
    ),
    ("no key", "badge,first_name\nA7,Ada\nB9,Bo\nC2,Cleo\n"),
    ("two columns for a key", "branch,customer_no,city\nN,1,Ely\nN,2,Ely\nS,1,Bath\nS,2,Bath\n"),
    (
        "a key that is blank in some",
        "id,email\n7,ada@example.org\n,bo@example.org\n9,cleo@example.org\n",
    ),
    ("an unproven date", "id,born\n7,03/04/1990\n9,05/06/1991\n"),
    ("an unproven decimal mark", "id,visits\n7,\"1,234\"\n9,\"2,345\"\n"),
    ("several currencies", "id,paid_in\n7,$10.00\n9,€12.00\n12,$7.50\n"),
    ("a uid of addresses", "user_id,plan\nada@example.org,Pro\nbo@example.org,Free\n"),
    ("a whole name", "id,Name\n7,Ada Marsh\n9,Bo Lind\n"),
    (
        "a token without a platform",
        "id,device_token\n7,aaaaaaaaaaaaaaaaaaaa1\n9,aaaaaaaaaaaaaaaaaaaa2\n",
    ),
    ("invalid values", "id,email\n7,ada@example.org\n9,bo.example.org\n12,cleo@example.org\n"),
    ("an identifier of the record", "api_key_id,user_id\nk1,u1\nk2,u1\nk3,u2\nk4,u3\n"),
    ("another person", "parent_id,student_id\n1,71\n2,72\n3,73\n"),
];

#[test]
fn every_option_for_a_small_file_of_each_kind_can_be_followed() {
    let mut followed = 0;
    let mut wrong = Vec::new();
    for (kind, content) in KINDS {
        let (run, before) = import_content("x.csv", content.as_bytes(), &[]);
        let found = hints(&run);
        followed += found.len();
        for hint in found {
            let (after, rejected) = import_content("x.csv", content.as_bytes(), &hint);
            let is_worse = matches!(run.code, 0 | 3) && rejected > before;
            if !matches!(after.code, 0 | 3) || is_worse {
                let [option, value] = &hint;
                wrong.push(format!(
                    "{kind}: {option} {value}: exit {}\n{}",
                    after.code, after.stderr
                ));
            }
        }
    }
    assert!(followed >= KINDS.len(), "only {followed} hints were followed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hints_of_a_refusal_do_not_import_events() {
    for path in fixtures("events") {
        let (run, _) = import(&path, &[]);
        assert_eq!(run.code, 4, "{run:?}");
        // `engage events` converts the file; `pushing_events` tests that hint.
        let lines = run.stderr.lines().filter(|line| !line.contains("engage events "));
        let stderr = lines.collect::<Vec<&str>>().join("\n");
        for hint in hints(&Run { stderr, ..run }) {
            let (after, _) = import(&path, &hint);
            assert!(!matches!(after.code, 0 | 3), "{hint:?} imports {}", path.display());
        }
    }
}
