//! Pages are self-contained, private unless requested otherwise, and safe for any file.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

const VOID: [&str; 4] = ["meta", "link", "br", "hr"];

/// Checks that the page is well-formed, every table has a caption, and nothing is loaded or run.
fn check(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
    let mut open: Vec<String> = Vec::new();
    let (_, mut rest) = page.split_once("<!DOCTYPE html>").unwrap();
    let mut levels: Vec<u32> = Vec::new();
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').unwrap();
        assert!(!tag.contains('<'), "{tag}");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "in {tag}");
            continue;
        }
        let name = tag.split_whitespace().next().unwrap();
        assert!(!["script", "iframe", "img", "link", "object"].contains(&name), "{tag}");
        if let Some(level) = name.strip_prefix('h').and_then(|level| level.parse().ok()) {
            levels.push(level);
        }
        if name == "table" {
            assert!(rest.starts_with("<caption>"), "a table without a caption");
        }
        if name == "svg" {
            assert!(tag.contains("aria-hidden") || tag.contains("aria-label"), "{tag}");
        }
        if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "javascript:", "//"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for kept in ["<title>", "name=\"viewport\"", "prefers-color-scheme", "@media print"] {
        assert!(page.contains(kept), "{kept}");
    }
}

fn page(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = sandbox.run(&[arguments, &["--report", "x.html"]].concat());
    assert!(sandbox.exists("x.html"), "{run:?}");
    let page = sandbox.read("x.html");
    check(&page);
    std::fs::remove_file(sandbox.path("x.html")).unwrap();
    page
}

#[test]
fn the_page_of_an_import_has_the_data_of_its_report() {
    let sandbox = Sandbox::with_fixture("users.csv");
    let page = page(&sandbox, &["import", "users.csv"]);
    let report: serde_json::Value =
        serde_json::from_str(&sandbox.sql("SELECT report FROM imports").concat()).unwrap();
    assert!(page.contains("Import 1 of users.csv"));
    assert!(page.contains(report["sources"][0]["sha256"].as_str().unwrap()));
    for column in report["mapping"].as_array().unwrap() {
        assert!(page.contains(column["column"].as_str().unwrap()), "{column}");
    }
    for group in report["rejects"]["by_code"].as_array().unwrap() {
        let said = format!("The first records of {}", group["code"].as_str().unwrap());
        assert!(page.contains(&said), "{said}");
    }
    for said in ["Fill rates", ">changes</span> <span class=\"word\">1</span>", "users.rejects.csv"]
    {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn a_page_is_written_for_every_outcome_of_an_import() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,\n");
    let says = |arguments: &[&str], words: &str| {
        let page = page(&sandbox, arguments);
        assert!(page.contains(words), "{words} is not in {page}");
    };
    says(&["import", "u.csv", "--dry-run"], "Dry run: nothing was written.");
    says(&["import", "u.csv"], "some records were rejected");
    says(&["import", "u.csv", "--max-rejects", "0"], "Stopped by a guard");
    says(&["import", "u.csv", "--max-rejects", "0"], "or raise --max-rejects");
    says(&["import", "u.csv", "--key", "number"], "Refused: nothing was changed");
    says(&["import", "nowhere.csv"], "Failed: nothing was changed");
}

#[test]
fn values_are_masked_by_default() {
    let file = "id,email\n1,anna@\n2,berta@\n3,x@example.com\n4,c@\n5,d@\n6,e@\n7,last@\n";
    let sandbox = Sandbox::with("u.csv", file);
    let masked = page(&sandbox, &["import", "u.csv", "-m", "email=email"]);
    assert!(masked.contains("xxxx@") && masked.contains("--show-values"), "{masked}");
    assert!(!masked.contains("anna") && !masked.contains("berta"), "{masked}");
    let open = page(&sandbox, &["import", "u.csv", "-m", "email=email", "--show-values"]);
    assert!(open.contains("'anna@'") && open.contains("'berta@'") && open.contains("'e@'"));
    assert!(!open.contains("last@"), "only the first records of a reason are shown");
    let kept = page(&sandbox, &["history", "1"]);
    assert!(!kept.contains("anna") && !kept.contains("xxxx@"), "{kept}");
    assert!(kept.contains("not kept in the store") && kept.contains("First in record 1"));
    assert!(!sandbox.sql("SELECT report FROM imports").concat().contains("berta"));
}

#[test]
fn show_values_only_applies_to_pages() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    let run = sandbox.run(&["import", "u.csv", "--report", "r.json", "--show-values"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.files(), ["u.csv"]);
    assert_eq!(sandbox.run(&["import", "u.csv", "--report", "r.pdf"]).code, 2);
}

#[test]
fn contents_of_a_file_are_escaped() {
    let evil = "<script>alert(1)</script>\"'&";
    let file = format!(
        "id,email,\"{}\",plan\n1,<script>@,<img src=x>,</table>\n2,b@example.com,</p>,<b>\n",
        evil.replace('"', "\"\"")
    );
    let sandbox = Sandbox::with("<script>.csv", file);
    let import = ["import", "<script>.csv", "--store", "<b>&.db", "--show-values"];
    let imported = page(&sandbox, &import);
    assert!(imported.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{imported}");
    assert!(imported.contains("&lt;b&gt;&amp;.db"), "{imported}");
    page(&sandbox, &["history", "1", "--store", "<b>&.db"]);
    page(&sandbox, &["import", "<script>", "--store", "<b>&.db"]);
}

#[test]
fn a_page_is_private_and_replaces_only_pages() {
    let sandbox = Sandbox::with("u.html", "id\n1\n");
    let run = sandbox.run(&["import", "u.html", "--report", "u.html"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.read("u.html"), "id\n1\n");
    sandbox.write("broken.html", "{\"id\": 1}");
    let run = sandbox.run(&["import", "broken.html", "--report", "broken.html"]);
    assert_eq!((run.code, sandbox.read("broken.html").as_str()), (2, "{\"id\": 1}"));
    let store = ["--store", "store.html"];
    let run = sandbox.run(&[&["import", "u.html", "--report", "store.html"], &store[..]].concat());
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.run(&[&["import", "u.html"], &store[..]].concat()).code, 0);
    let run = sandbox.run(&[&["history", "1", "--report", "store.html"], &store[..]].concat());
    assert_eq!(run.code, 2, "{run:?}");
    let run = sandbox.run(&[&["history", "1", "--report", "p.html"], &store[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let mode = std::fs::metadata(sandbox.path("p.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_page_of_an_undo_has_its_title() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.run(&["undo"]);
    assert!(page(&sandbox, &["history", "2"]).contains("Undo 2"));
    assert!(page(&sandbox, &["history", "1"]).contains("undone"));
}

#[test]
fn the_page_of_a_store_hides_rare_values() {
    let mut file = "id,email,plan,seats,born,<i>\n".to_owned();
    for id in 0..10 {
        let plan = if id < 7 { "Pro & more" } else { "Rarity" };
        let (seats, year) = (id * 37, 1971 + id % 3 * 10);
        let _ = writeln!(file, "{id},u{id}@example.com,{plan},{seats},{year}-03-04,<u>");
    }
    let sandbox = Sandbox::with("u.csv", &file);
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("v.csv", "id,plan\n10,Pro & more\n11,Rarity\n");
    sandbox.run(&["import", "v.csv"]);
    sandbox.run(&["segment", "plan = 'Rarity'", "--save", "rare"]);
    let run = sandbox.run(&["report"]);
    assert_eq!(run.code, 0, "{run:?}");
    check(&run.stdout);
    assert!(
        run.stdout.contains("&#39;Pro &amp; more&#39;") || run.stdout.contains("'Pro &amp; more'")
    );
    for said in [
        "about 0",
        "about 400",
        "Customers by year",
        "How values of born spread from 1971 to 1991",
        "New customers by import",
        "rare",
        "&lt;u&gt;",
    ] {
        assert!(run.stdout.contains(said), "{said} is not in {}", run.stdout);
    }
    for kept in ["Rarity", "u1@example.com", "333", "1991-03-04", "03-04"] {
        assert!(!run.stdout.contains(kept), "{kept} is in {}", run.stdout);
    }
    let run = sandbox.run(&["report", "--show-values", "-o", "s.html"]);
    assert_eq!(run.code, 0, "{run:?}");
    let page = sandbox.read("s.html");
    check(&page);
    for said in ["Rarity", "333", "1991-03-04", "plan = ", "Customers by year"] {
        assert!(page.contains(said), "{said} is not in {page}");
    }
    assert!(!page.contains("u1@example.com"), "what tells customers apart is never shown");
}

#[test]
fn the_page_of_a_store_says_how_many_values_it_leaves_out() {
    let mut file = "id,town,shop\n".to_owned();
    for id in 0..60 {
        let _ = writeln!(file, "{id},t{},s{}", id % 4, id % 12);
    }
    let sandbox = Sandbox::with("u.csv", &file);
    sandbox.run(&["import", "u.csv"]);
    for options in [&["report"][..], &["report", "--show-values"]] {
        let page = sandbox.run(options).stdout;
        check(&page);
        for said in ["t0", "t1", "t2", "t3", "All values", "and 4 other values, of 20 customers"] {
            assert!(page.contains(said), "{said} is not in {page}");
        }
    }
    let table = sandbox.run(&["attributes"]).stdout;
    assert!(table.contains("1 other") && table.contains("9 others"), "{table}");
}

#[test]
fn the_page_of_a_store_shows_how_it_grew() {
    let sandbox = Sandbox::with("u.csv", "id,seen\n1,2024-01-05\n2,2024-03-05\n3,2024-03-06\n4,\n");
    sandbox.run(&["import", "u.csv"]);
    let run = sandbox.run(&["report", "--show-values"]);
    check(&run.stdout);
    assert!(!run.stdout.contains("Growth"), "all of them came on one day");
    for said in ["Customers by month", "<span>2024-01</span><span>2024-03</span>"] {
        assert!(run.stdout.contains(said), "{said} is not in {}", run.stdout);
    }
    let store = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    for (uid, day) in [("1", "2024-01-01"), ("2", "2024-01-11"), ("3", "2024-01-21")] {
        let sql = "UPDATE customers SET first_imported_at = ?2 WHERE uid = ?1";
        store.execute(sql, [uid, &format!("{day}T03:30:00Z")]).unwrap();
    }
    let sql = "UPDATE customers SET first_imported_at = '2024-01-21T09:00:00Z' WHERE uid = '4'";
    store.execute(sql, []).unwrap();
    let run = sandbox.run(&["report"]);
    check(&run.stdout);
    let said =
        "Today&#39;s 4 customers by the day of their first import, from 2024-01-01 to 2024-01-21";
    assert!(run.stdout.replace('\'', "&#39;").contains(said), "{}", run.stdout);
    assert!(run.stdout.contains("d=\"M0 1000H0V750H500V500H1000V0H1000V1000Z\""));
}

#[test]
fn a_page_with_quiet_prints_nothing() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    sandbox.run(&["import", "u.csv"]);
    for quiet in
        [&["history", "1", "--report", "p.html", "-q"][..], &["report", "-o", "p.html", "-q"]]
    {
        let run = sandbox.run(quiet);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
        check(&sandbox.read("p.html"));
    }
    assert!(sandbox.run(&["history", "1", "-q"]).stdout.contains("Import 1"));
}

#[test]
fn the_page_of_a_store_needs_a_store_and_does_not_replace_it() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    let run = sandbox.run(&["report", "-o", "s.html"]);
    assert_eq!((run.code, sandbox.exists("s.html")), (1, false), "{run:?}");
    sandbox.run(&["import", "u.csv", "--store", "s.html"]);
    let run = sandbox.run(&["report", "-o", "s.html", "--store", "s.html"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.run(&["report", "--store", "s.html", "--format", "json"]).code, 2);
    assert_eq!(sandbox.run(&["report", "--store", "s.html"]).code, 0);
    assert_eq!(sandbox.run(&["report", "--store", "s.html", "-o", "s.pdf"]).code, 2);
}

fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok())
}

/// How many pixels a page is wider than a screen of 360 pixels. The page is in a frame of that
/// width, because browser windows cannot be that narrow.
fn overflow_on_a_phone(browser: &str, sandbox: &Sandbox, name: &str) -> u64 {
    let content = sandbox.read(name);
    let framed = content.replace('&', "&amp;").replace('"', "&quot;");
    let probe = format!(
        "<!DOCTYPE html><iframe id=f width=360 height=800 style=border:0 srcdoc=\"{framed}\"></iframe>\
         <p id=w></p><script>f.onload = () => w.textContent = \
         'overflow=' + (f.contentDocument.documentElement.scrollWidth -
                        f.contentDocument.documentElement.clientWidth) + ';'</script>"
    );
    sandbox.write("probe.html", probe);
    let address = format!("file://{}", Path::new(&sandbox.path("probe.html")).display());
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg("--virtual-time-budget=2000")
        .arg(format!("--user-data-dir={}", sandbox.path("profile").display()))
        .arg(address)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let overflow =
        text.split("<p id=\"w\">overflow=").nth(1).unwrap_or_else(|| panic!("{output:?}"));
    overflow.split(';').next().unwrap().parse().unwrap()
}

#[test]
#[allow(clippy::print_stderr, reason = "who runs the tests should know what was not tested")]
fn no_page_is_wider_than_a_phone() {
    let Some(browser) = browser() else {
        eprintln!("no Chromium is installed: pages are not seen in one");
        return;
    };
    let long = "a_column_with_a_name_that_continues_on_and_on_without_any_space_in_it_";
    let sandbox = Sandbox::with("u.csv", format!("id,email,{long}\n1,a@,{long}\n2,,x\n"));
    sandbox.run(&["import", "u.csv", "--report", "import.html", "--show-values"]);
    assert_eq!(overflow_on_a_phone(browser, &sandbox, "import.html"), 0);
    sandbox.run(&["report", "--show-values", "-o", "store.html"]);
    assert_eq!(overflow_on_a_phone(browser, &sandbox, "store.html"), 0);
}
