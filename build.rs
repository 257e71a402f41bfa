//! Writes libphonenumber's metadata as Rust, for `src/value/phone/numbering_plan.rs`.
//!
//! The `phonenumber` crate parses every pattern of all regions when it loads its metadata. An import
//! needs the patterns of few regions, and would wait for the others longer than a small file takes.

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut rust = String::from("[\n");
    // The main region of a country code comes first, as in the crate.
    for metadata in (1..1000).flat_map(|code| DATABASE.by_code(&code).unwrap_or_default()) {
        write_plan(metadata, &mut rust)?;
    }
    rust.push_str("]\n");
    let folder = env::var("OUT_DIR")?;
    Ok(fs::write(Path::new(&folder).join("numbering_plans.rs"), rust)?)
}

/// Writes one region's `Patterns`.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the type of patterns is private")]
fn write_plan(metadata: &Metadata, rust: &mut String) -> fmt::Result {
    let descriptors = metadata.descriptors();
    let described: Vec<&Descriptor> = [
        descriptors.mobile(),
        descriptors.fixed_line(),
        descriptors.toll_free(),
        descriptors.premium_rate(),
        descriptors.shared_cost(),
        descriptors.voip(),
        descriptors.personal_number(),
        descriptors.pager(),
        descriptors.uan(),
        descriptors.voicemail(),
    ]
    .into_iter()
    .flatten()
    .collect();
    // The crate keeps no lengths of the general descriptor; they are those of all types.
    let all = |of: fn(&Descriptor) -> &[u16]| {
        described.iter().fold(0, |all, descriptor| all | lengths(of(descriptor)))
    };
    let mut types: Vec<(u32, String)> = Vec::new();
    for descriptor in &described {
        let of_type =
            (lengths(descriptor.possible_length()), regex(descriptor.national_number().as_str()));
        if !types.contains(&of_type) {
            types.push(of_type);
        }
    }
    let optional = |pattern: Option<&str>| pattern.map(regex);
    let national_prefix = metadata
        .national_prefix_for_parsing()
        .map(|pattern| pattern.as_str())
        .or(metadata.national_prefix());
    let transform = metadata.national_prefix_transform_rule().map(braced_groups);
    let example = described.iter().find_map(|descriptor| descriptor.example());
    writeln!(
        rust,
        "Patterns {{ region: {:?}, code: {}, general: {:?}, types: &{:?}, lengths: {}, \
         local_lengths: {}, leading_digits: {:?}, international_prefix: {:?}, \
         national_prefix: {:?}, transform: {:?}, example: {:?} }},",
        metadata.id(),
        metadata.country_code(),
        regex(descriptors.general().national_number().as_str()),
        types,
        all(Descriptor::possible_length),
        all(Descriptor::possible_local_length),
        optional(metadata.leading_digits().map(|pattern| pattern.as_str())),
        optional(metadata.international_prefix().map(|pattern| pattern.as_str())),
        optional(national_prefix),
        transform,
        example,
    )
}

/// A set of lengths, a bit for each.
fn lengths(lengths: &[u16]) -> u32 {
    lengths.iter().filter(|length| **length < 32).fold(0, |set, length| set | 1 << length)
}

/// The metadata writes long patterns over several lines, white space to be ignored.
fn regex(pattern: &str) -> String {
    let pattern: String = pattern.chars().filter(|c| !c.is_whitespace()).collect();
    pattern.replace("\\d", "[0-9]")
}

/// `$1` may precede a digit in the metadata's rules; the `regex` crate needs braces there.
fn braced_groups(rule: &str) -> String {
    let mut braced = String::with_capacity(rule.len() + 4);
    let mut characters = rule.chars();
    while let Some(c) = characters.next() {
        braced.push(c);
        if c == '$' {
            braced.extend(['{'].into_iter().chain(characters.next()).chain(['}']));
        }
    }
    braced
}
