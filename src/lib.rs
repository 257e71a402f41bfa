//! A library that imports CSV exports of customers into a store: an SQLite file or a PostgreSQL
//! database. The program `engage` is a thin command line over it.
//!
//! # Import a file
//!
//! ```
//! use engage::import::{ImportOptions, Meter, import};
//! use engage::store::Interrupt;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let file = folder.path().join("users.csv");
//! std::fs::write(&file, "id,email,plan\n1,ada@example.com,Pro\n2,not an email,Free\n")?;
//!
//! let options = ImportOptions::new(vec![file], folder.path().join("engage.db"));
//! let outcome = import(&options, &Meter::default(), &Interrupt::default())?;
//!
//! assert_eq!((outcome.customers.inserted, outcome.records.rejected), (1, 1));
//! # Ok(())
//! # }
//! ```
//!
//! An error means that no customer was changed. [`import::ImportOptions`] has everything that
//! `engage import` can do: a dry run, a snapshot, limits. [`import::inspect`] shows the plan for a
//! file without importing it.
//!
//! # Validate a single value
//!
//! Values are validated without a file or a store:
//!
//! ```
//! use engage::value::email::Email;
//!
//! let email = Email::parse(" ada@Example.COM ").unwrap().unwrap();
//! assert_eq!(email.as_str(), "ada@example.com");
//! assert_eq!(Email::parse("  "), Ok(None));
//! assert_eq!(Email::parse("anna@").unwrap_err().code.as_str(), "email.invalid");
//! ```
//!
//! # Modules
//!
//! A record passes through [`input`] → [`mapping`] → [`value`] → [`import`] → [`store`]; its
//! outcome goes from [`import`] through [`report`] to [`cli`].
//!
//! | module | start with |
//! | --- | --- |
//! | [`input`] | how bytes become records |
//! | [`mapping`] | which column becomes which attribute, and why |
//! | [`value`] | one type for each standard attribute, and a [`value::Code`] for each reject reason |
//! | [`import`] | [`import::import`], from the plan to the outcome |
//! | [`store`] | [`store::open_for_reading`] and [`store::open_for_writing`]; all SQL is here |
//! | [`segment`] | expressions over stored customers, parsed into a typed tree |
//! | [`report`] | outcomes as terminal output, HTML and JSON |
//!
//! `docs/architecture.md` follows one cell through these modules.

pub mod cli;
pub mod customer;
pub mod events;
pub mod exit;
pub mod explain;
pub mod import;
pub mod input;
pub mod mapping;
pub mod outcome;
pub mod output;
pub mod own_export;
#[cfg(feature = "push")]
pub mod push;
pub mod report;
pub mod segment;
pub mod settings;
pub mod statistics;
pub mod store;
mod text;
pub mod value;
