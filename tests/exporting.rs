//! `engage export`, and importing its output.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

const USERS: &str = "\
id,First Name,email,plan,monthly usage,vip,Signed up,device token,device platform
u-1,Ada,ada@example.com,Pro,12.50,true,2024-05-30,t1,ios
u-2,Mei,,\"Basic, old\",-3,,,,
u-3,,,,,false,,,
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with("users.csv", USERS);
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    sandbox
}

/// The export of the store, with times replaced.
fn exported(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = sandbox.run(&[&["export"], arguments].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let now = sandbox.customers("first_imported_at").into_iter().max().unwrap();
    run.stdout.replace(&now, "NOW")
}

/// Exports the store, changes the text, and imports it into another store.
fn import_changed(
    sandbox: &Sandbox,
    store: &str,
    options: &[&str],
    change: impl Fn(String) -> String,
) -> crate::sandbox::Run {
    let text = sandbox.run(&["export"]).stdout;
    sandbox.write("exported.csv", change(text));
    sandbox.run(&[&["import", "exported.csv", "--store", store], options].concat())
}

#[test]
fn a_row_has_all_data_of_a_customer() {
    assert_snapshot!(exported(&sandbox(), &[]), @r#"
    uid,first_name,last_name,number,email,device_token,device_platform,monthly_usage,plan,signed_up,vip,archived_at,first_imported_at,last_changed_at,_engage
    u-1,Ada,,,ada@example.com,t1,ios,12.50,Pro,2024-05-30,true,,NOW,NOW,1/uid/nsdb/62b3
    u-2,Mei,,,,,,-3,"Basic, old",,,,NOW,NOW,1/uid/nsdb/62b3
    u-3,,,,,,,,,,false,,NOW,NOW,1/uid/nsdb/62b3
    "#);
}

#[test]
fn a_store_without_customers_has_a_header_and_no_rows() {
    let sandbox = sandbox();
    sandbox.run(&["forget", "u-1", "u-2", "u-3"]);
    let run = sandbox.run(&["export"]);
    assert_eq!((run.code, run.stdout.lines().count()), (0, 1));
    assert_snapshot!(sandbox.run(&["export", "--store", "none.db"]).seen(), @r"
    error: there is no customer store none.db
    hint: create it with engage import FILE, or choose another with --store PATH or ENGAGE_STORE
    exit 1
    ");
}

#[test]
fn a_row_with_stray_values_has_its_own_type_mark() {
    let sandbox = sandbox();
    sandbox.write("more.csv", "id,monthly usage\nu-2,many\n");
    sandbox.run(&["import", "more.csv"]);
    let text = exported(&sandbox, &[]);
    let marks: Vec<&str> = text.lines().map(|line| line.rsplit_once(',').unwrap().1).collect();
    assert_snapshot!(marks.join("\n"), @r"
    _engage
    1/uid/nsdb/62b3
    1/uid/nsdb/62b3/s...
    1/uid/nsdb/62b3
    ");
}

#[test]
fn rows_may_be_sorted_and_filtered_and_columns_moved() {
    let sandbox = sandbox();
    let run = import_changed(&sandbox, "other.db", &[], |text| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.remove(2);
        lines.reverse();
        lines.rotate_right(1);
        let moved = lines.iter().map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells[2..14].reverse();
            cells.join(";") + "\r\n"
        });
        moved.collect()
    });
    assert_eq!(run.code, 0, "{run:?}");
    let columns = "uid,email,attributes";
    let all = sandbox.customers(columns);
    assert_eq!(sandbox.customers_in("other.db", columns), [all[0].clone(), all[2].clone()]);
}

#[test]
fn an_export_with_changed_columns_is_refused() {
    let sandbox = sandbox();
    let run = import_changed(&sandbox, "other.db", &[], |text| text.replace(",plan,", ",tier,"));
    assert_snapshot!(run.seen(), @r"
    error: exported.csv is engage's own export, but columns were added, removed or renamed since engage exported it
    hint: export it again, or read it as an ordinary file with --skip _engage
    exit 4
    ");
    assert!(!sandbox.exists("other.db"));
    let run = import_changed(&sandbox, "other.db", &[], |text| text.replace(",1/uid", ",9/uid"));
    assert_snapshot!(run.seen(), @r"
    error: exported.csv is engage's own export, but it was exported by a newer version of engage
    hint: export it again, or read it as an ordinary file with --skip _engage
    exit 4
    ");
    let run = import_changed(&sandbox, "other.db", &["--skip", "_engage"], |text| {
        text.replace(",plan,", ",tier,")
    });
    assert_eq!(run.code, 0, "{run:?}");
    let names = sandbox.sql_of("other.db", "SELECT name FROM attributes ORDER BY name");
    assert_eq!(
        names,
        [
            "custom_first_imported_at",
            "custom_last_changed_at",
            "monthly_usage",
            "signed_up",
            "tier",
            "vip"
        ]
    );
}

#[test]
fn a_row_with_a_wrong_mark_is_rejected_and_one_without_is_read_by_column_types() {
    let sandbox = sandbox();
    let run = import_changed(&sandbox, "other.db", &["--format", "json"], |text| {
        let [mut second, last] = ["u-2", "u-3"]
            .map(|uid| text.lines().find(|line| line.starts_with(uid)).unwrap().to_owned());
        second.push_str("/xyz");
        let added = last.rsplit_once(',').unwrap().0.replace("u-3", "u-4");
        let kept = text.lines().filter(|line| !line.starts_with("u-2"));
        let lines: Vec<&str> = kept.chain([second.as_str(), &added]).collect();
        lines.join("\n").replace("u-4,,,,,,,", "u-4,,,,,,,7") + ",\n"
    });
    let report = run.report();
    assert_eq!(report["rejects"]["by_code"][0]["code"], "record.mark");
    assert_eq!(report["records"]["accepted"], 3);
    let customers = sandbox.customers_in("other.db", "uid,attributes");
    assert_eq!(customers[2], r#"u-4|{"monthly_usage":7,"vip":false}"#);
}

#[test]
fn importing_an_export_into_a_store_updates_attributes_and_archive_marks() {
    let sandbox = sandbox();
    sandbox.write("night.csv", "id\nu-1\nu-2\n");
    sandbox.run(&["import", "night.csv", "--snapshot=archive", "--max-missing", "1"]);
    assert_eq!(sandbox.archived(), ["u-3"]);
    sandbox.write(
        "other.csv",
        "id,plan,city,device_token,device_platform\nu-1,Free,Abuja,t9,ios\nu-3,Free,,,\n",
    );
    assert_eq!(sandbox.run(&["import", "other.csv", "--store", "other.db"]).code, 0);
    let run = import_changed(&sandbox, "other.db", &["--format", "json"], |text| text);
    let report = run.report();
    assert_eq!(report["customers"]["inserted"], 1);
    assert_eq!(report["customers"]["updated"], 2);
    assert_eq!(sandbox.archived_in("other.db"), ["u-3"]);
    let rows = sandbox.customers_in("other.db", "uid,attributes");
    assert_snapshot!(rows.join("\n"), @r#"
    u-1|{"city":"Abuja","monthly_usage":12.50,"plan":"Pro","signed_up":"2024-05-30","vip":true}
    u-2|{"monthly_usage":-3,"plan":"Basic, old"}
    u-3|{"plan":"Free","vip":false}
    "#);
    assert_eq!(
        sandbox.customers_in("other.db", "devices"),
        [r#"[{"token":"t1","platform":"ios"},{"token":"t9","platform":"ios"}]"#, "[]", "[]"]
    );
    // Imported again, it changes no customer.
    let report = import_changed(&sandbox, "other.db", &["--format", "json"], |text| text).report();
    assert_eq!(report["customers"]["unchanged"], 3);
    let run = sandbox.run(&["undo", "--store", "other.db"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn rejects_of_an_own_export_can_be_fixed() {
    let sandbox = sandbox();
    let run =
        import_changed(&sandbox, "other.db", &[], |text| text.replace("ada@example.com", "ada@"));
    assert_eq!(run.code, 3, "{run:?}");
    let rejects = sandbox.read("exported.rejects.csv").replace("ada@,", "ada@example.com,");
    sandbox.write("exported.rejects.csv", rejects);
    assert_eq!(sandbox.run(&["import", "exported.rejects.csv", "--store", "other.db"]).code, 0);
    let columns = "uid,email,attributes";
    assert_eq!(sandbox.customers_in("other.db", columns), sandbox.customers(columns));
}

#[test]
fn the_key_of_the_store_is_exported_and_customers_are_identified_by_uid() {
    let sandbox =
        Sandbox::with("users.csv", "email,plan\nada@example.com,Pro\nmei@example.com,Free\n");
    sandbox.run(&["import", "users.csv"]);
    let run = import_changed(&sandbox, "other.db", &["--format", "json"], |text| text);
    assert_eq!(run.report()["key"], "uid");
    let key = "SELECT value FROM settings WHERE name = 'key'";
    assert_eq!(sandbox.sql_of("other.db", key), ["email"]);
    let run = import_changed(&sandbox, "other.db", &[], |text| text);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let sandbox = sandbox();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = sandbox.command(&["export"]).stdout(writer).status().unwrap();
    assert!(status.success());
}
