//! The plan of an import, fixed at its start: what happens to every column.

use super::decide::OtherKey;
use super::numbers::NumberRules;
use crate::import::Layout;
use crate::input::Description;
use crate::mapping::{LikelyType, Mapping, Target, TypeSource};
use crate::own_export::ExportReader;
use crate::settings::ValueOptions;
use crate::value::typed::{TypeSpec, ValueType, write_json_string};
use crate::value::{Key, RULES_VERSION, Standard};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// How the validator treats a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Standard(Standard),
    FullName,
    Custom(usize),
}

/// A custom attribute of the plan.
#[derive(Debug, Clone)]
pub struct PlannedAttribute {
    /// Its name.
    pub name: String,
    /// The column that it comes from.
    pub column: usize,
    /// The type of its values.
    pub spec: TypeSpec,
    /// Where the type comes from.
    pub source: TypeSource,
    /// Why the type was inferred, in words.
    pub reason: String,
    /// The types that could read every value of the sample, if it is ambiguous.
    pub readings: Vec<TypeSpec>,
    /// The type that most values of the sample fit, if they are kept as text.
    pub likely: Option<LikelyType>,
    /// The units that keep a column of amounts from being a number.
    pub(crate) units: Vec<String>,
    /// Whether the sample has a value for it.
    pub in_sample: bool,
    pub(crate) prefix: String,
}

/// What identifies a customer, and how its values are read.
#[derive(Debug, Clone)]
pub(crate) struct PlannedKey {
    pub(crate) attribute: Key,
    /// The columns that make the uid: one, or several joined with `:`.
    pub(crate) uid_columns: Vec<usize>,
    /// Whether the `.0` at the end of a uid is left out.
    pub(crate) has_decimal_uids: bool,
    /// Values that mean a missing customer.
    pub(crate) placeholders: Vec<String>,
    /// Another column that identifies customers as well.
    pub(crate) other: Option<String>,
    /// Other columns that would give a key to records without one.
    pub(crate) other_keys: Vec<OtherKey>,
}

impl PlannedAttribute {
    /// Whether it was inferred to be text, so another type may still be declared for it.
    pub(crate) fn is_undecided(&self) -> bool {
        self.source == TypeSource::Inferred && self.spec.kind == ValueType::String
    }
}

/// What an import does with every column.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What identifies a customer.
    pub key: Key,
    /// The custom attributes, sorted by name.
    pub attributes: Vec<PlannedAttribute>,
    /// The mapping that it was made from.
    pub mapping: Mapping,
    pub(crate) key_rules: PlannedKey,
    pub(crate) roles: Vec<(usize, Role)>,
    pub(crate) options: ValueOptions,
    pub(crate) numbers: NumberRules,
    /// The reader of engage's own export, if the input is one.
    pub(crate) own: Option<ExportReader>,
    /// Words such as `Unknown` that are too frequent in a column of names to be names.
    pub(crate) blank_names: Vec<(usize, &'static str)>,
    pub(crate) digest: Vec<u8>,
}

/// What one input's dialect adds to the plan.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SourceRules {
    /// Whether it writes `\N` for "no value".
    pub(crate) nulls: bool,
    /// A hash of the plan and of everything else that decides what a record's bytes mean.
    seed: u64,
}

impl SourceRules {
    /// The hash that identifies a record of this input.
    pub(crate) fn record_hash(self, bytes: &[u8]) -> u64 {
        // 0 means a missing proof.
        xxh3_64_with_seed(bytes, self.seed).max(1)
    }
}

impl Plan {
    /// Makes the plan. The attributes may be in any order; their names are those of the mapping.
    pub(crate) fn new(
        key_rules: PlannedKey,
        mapping: Mapping,
        mut attributes: Vec<PlannedAttribute>,
        options: ValueOptions,
        numbers: NumberRules,
        own: Option<ExportReader>,
        blank_names: Vec<(usize, &'static str)>,
    ) -> Self {
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        for attribute in &mut attributes {
            attribute.prefix.clear();
            write_json_string(&attribute.name, &mut attribute.prefix);
            attribute.prefix.push(':');
        }
        let roles = mapping
            .columns
            .iter()
            .filter_map(|column| {
                let role = match &column.target {
                    // The other columns of an own export are validated separately, and fallbacks
                    // with the first column of their attribute.
                    Target::Skipped
                    | Target::Store(_)
                    | Target::UidPart(_)
                    | Target::Fallback(..) => return None,
                    Target::Standard(standard) => Role::Standard(*standard),
                    Target::FullName => Role::FullName,
                    Target::Custom(name) => {
                        Role::Custom(attributes.binary_search_by(|a| a.name.cmp(name)).ok()?)
                    }
                };
                Some((column.index, role))
            })
            .collect();
        let digest = Vec::new();
        let key = key_rules.attribute;
        let mut plan = Self {
            key,
            attributes,
            mapping,
            key_rules,
            roles,
            options,
            numbers,
            own,
            blank_names,
            digest,
        };
        if let Some(own) = &mut plan.own {
            own.set_attributes(plan.attributes.iter().map(|attribute| attribute.column));
        }
        plan.digest = plan.digest_of_rules();
        plan
    }

    /// What an input's layout adds to the plan.
    pub(crate) fn rules_of(&self, layout: &Layout) -> SourceRules {
        let Description { encoding, delimiter, escape, nulls, is_rejects_file, .. } =
            &layout.description;
        let mut rules = format!("{encoding} {delimiter} {escape:?} {nulls} {is_rejects_file} ");
        let _ = write!(rules, "{:?} ", layout.order);
        if layout.description.has_spaced_quotes {
            rules.push_str("spaced ");
        }
        if layout.description.is_protected {
            rules.push_str("protected ");
        }
        let mut rules = rules.into_bytes();
        rules.extend_from_slice(&self.digest);
        SourceRules { nulls: *nulls, seed: xxh3_64(&rules) }
    }

    /// A digest of everything that decides what a value means, except the layout of the input.
    fn digest_of_rules(&self) -> Vec<u8> {
        let mut rules = format!("{RULES_VERSION} {} ", self.key);
        for column in &self.mapping.columns {
            let _ = write!(rules, "{:?} {:?} ", column.header, column.target);
        }
        for attribute in &self.attributes {
            let declared = attribute.source.is_declared();
            let _ = write!(rules, "{:?} {} {declared} ", attribute.name, attribute.spec);
            if attribute.source == TypeSource::Retyped {
                rules.push_str("retyped ");
            }
        }
        let ValueOptions { device_platform, blank, nulls, blank_words, on_invalid, .. } =
            &self.options;
        let _ = write!(
            rules,
            "{:?} {:?} {:?} {device_platform:?} {blank:?} {nulls:?} {blank_words:?} {:?} \
             {on_invalid:?}",
            self.numbers.region, self.numbers.region_column, self.numbers.bare, self.blank_names
        );
        let PlannedKey { has_decimal_uids, placeholders, .. } = &self.key_rules;
        let _ = write!(rules, " {has_decimal_uids} {placeholders:?}");
        if let Some(own) = &self.own {
            let _ = write!(rules, " {}", own.marker_text());
        }
        Sha256::digest(rules.as_bytes()).to_vec()
    }
}
