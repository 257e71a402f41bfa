//! On a server with Citus, the tables of a store that grow with customers are distributed. The
//! tests of `postgres.rs` run there as well: `ENGAGE_TEST_POSTGRES` names the coordinator.

use crate::postgres_server::Schema;
use crate::sandbox::{Run, Sandbox};

const USERS: &str = "uid,plan,device_token,device_platform\nu1,Pro,t1,ios\nu2,Free,,\n";

fn run(sandbox: &Sandbox, url: &str, arguments: &[&str]) -> Run {
    sandbox.command(arguments).env("ENGAGE_STORE", url).output().unwrap().into()
}

fn import(sandbox: &Sandbox, url: &str) -> Run {
    run(sandbox, url, &["import", "users.csv", "-q"])
}

/// The distributed tables of a schema.
fn distributed(schema: &Schema) -> Vec<String> {
    let sql =
        "SELECT c.relname::text FROM pg_dist_partition p JOIN pg_class c ON c.oid = logicalrelid
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 ORDER BY 1";
    let rows = schema.client().query(sql, &[&schema.name()]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn tables_that_grow_with_customers_are_distributed_unless_the_url_says_no() {
    let (Some(schema), Some(other)) = (Schema::new(), Schema::new()) else { return };
    let sandbox = Sandbox::new();
    sandbox.write("users.csv", USERS);
    let on = run(&sandbox, &schema.url_with("&distribute=on"), &["import", "users.csv", "-q"]);
    if !schema.has_citus() {
        assert_eq!(on.code, 2, "{on:?}");
        assert!(on.stderr.contains("CREATE EXTENSION citus"), "{on:?}");
        return;
    }
    assert_eq!(on.code, 0, "{on:?}");
    assert_eq!(distributed(&schema), ["changes", "customers", "deliveries", "devices"]);
    assert_eq!(import(&sandbox, &other.url_with("&distribute=off")).code, 0);
    assert_eq!(distributed(&other), [""; 0]);
    // Later commands need no parameter.
    for url in [schema.url(), other.url()] {
        sandbox.write("users.csv", USERS.replace("Pro", "Gold"));
        assert_eq!(import(&sandbox, &url).code, 0);
        assert_eq!(run(&sandbox, &url, &["index", "plan"]).code, 0);
        let found = run(&sandbox, &url, &["segment", "plan = 'Gold'", "--count"]);
        assert_eq!(found.stdout, "1\n", "{found:?}");
        assert_eq!(run(&sandbox, &url, &["check"]).code, 0);
        assert_eq!(run(&sandbox, &url, &["undo"]).code, 0);
        sandbox.write("users.csv", USERS);
    }
}

#[test]
fn a_first_import_that_fails_leaves_no_distributed_table() {
    let Some(schema) = Schema::new() else { return };
    if !schema.has_citus() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("users.csv", "uid,email\nu1,no\nu2,no\nu3,no\n");
    let import_rejected = ["import", "users.csv", "-m", "email=email", "--max-rejects", "1"];
    let stopped = run(&sandbox, &schema.url(), &import_rejected);
    assert_ne!(stopped.code, 0, "{stopped:?}");
    assert_eq!(distributed(&schema), [""; 0]);
    sandbox.write("users.csv", USERS);
    assert_eq!(import(&sandbox, &schema.url()).code, 0);
}
