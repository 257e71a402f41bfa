//! Direct import as a library: a CSV export of customers goes through a column mapping and the
//! validation of standard attributes into a local customer store.
//!
//! A record's way is [`input`] → [`mapping`] → [`value`] → [`import`] → [`store`]; its outcome
//! goes from [`import`] through [`report`] to [`cli`]. A [`segment`] is an expression over the stored
//! customers: read into a typed tree there, found by [`store`].
//!
//! # Where to begin
//!
//! - What a value may be: [`value`], one type for each standard attribute, and
//!   [`crate::value::Code`] for each reason to reject one.
//! - What a header becomes, and why: [`mapping`].
//! - How bytes become records: [`input`].
//! - What one import does, from the plan to the outcome: [`import`].
//! - How customers are kept, read and taken back: [`store`], the only place with SQL.
//! - What a person, or a program, is told of it: [`report`].
//!
//! A value is judged by itself, without a file or a store:
//!
//! ```
//! use engage::value::email::Email;
//!
//! let email = Email::parse(" ada@Example.COM ").unwrap().unwrap();
//! assert_eq!(email.as_str(), "ada@example.com");
//! assert_eq!(Email::parse("  "), Ok(None));
//! assert_eq!(Email::parse("anna@").unwrap_err().code.as_str(), "email.invalid");
//! ```

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
