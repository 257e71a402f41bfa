//! Which column becomes which attribute.

use super::column::Column;
use super::error::MappingError;
use super::header::names::{HeaderIndex, attribute_name};
use super::header::table::HeaderWords;
use super::key::choice::{KeyCandidates, KeyChoice, KnownKey, choose_key};
use super::manual::{self, MappingOptions, NamedColumn};
use super::remembered::RememberedColumns;
use super::roles::{Roles, is_whole_name};
use super::sample::Sample;
use super::target::{Assignments, FULL_NAME, Origin, Target};
use super::unique_names::{UniqueNames, shortened_name};
use super::warning::MappingWarning;
use crate::customer::RESERVED_NAMES;
use crate::own_export::{ExportColumn, StoreColumn, is_export_header};
use crate::value::Standard;
use std::collections::HashSet;

/// What every column of a file becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// All columns in the file's order, including those that are left out.
    pub columns: Vec<Column>,
    /// Warnings for the user.
    pub warnings: Vec<MappingWarning>,
}

/// Finds the roles of a file's columns. The user's mapping comes first. The other columns of
/// engage's own export are known by their headers; in other files, the roles are what the store
/// remembers, or what names propose and values confirm. The uid is chosen later, with the key.
pub(crate) fn find_roles<'a>(
    header: &'a [String],
    sample: &'a Sample<'a>,
    options: &MappingOptions,
    remembered: &'a RememberedColumns,
) -> Result<Roles<'a>, MappingError> {
    let mut assignments: Vec<Option<(Target, Origin)>> = vec![None; header.len()];
    manual::assign(header, options, &mut assignments)?;
    // An export whose type marker is mapped or skipped is read like any other file.
    let is_own_export = is_export_header(header) && assignments.last() == Some(&None);
    if is_own_export {
        assign_export_columns(header, options.only_mapped, &mut assignments);
    }
    let mut roles = Roles::new(header, sample, remembered, assignments);
    if is_own_export {
        return Ok(roles.of_own_export());
    }
    roles.find()?;
    Ok(roles)
}

impl Mapping {
    /// Maps a header without looking at values: by the user's mapping, then by names.
    pub fn new(header: &[String], options: &MappingOptions) -> Result<Self, MappingError> {
        let (sample, remembered) = (Sample::empty(), RememberedColumns::default());
        let roles = find_roles(header, &sample, options, &remembered)?;
        let candidates = KeyCandidates::of(&roles, &sample, &[]);
        let uid = choose_key(&roles, &candidates, KnownKey::default()).and_then(|it| it.uid);
        Ok(Self::from_roles(roles, uid, options))
    }

    /// The mapping with these roles, and a column for the uid. Columns without a role become custom
    /// attributes.
    pub(crate) fn from_roles(
        roles: Roles<'_>,
        uid: Option<(usize, Origin)>,
        options: &MappingOptions,
    ) -> Self {
        let Roles { header, mut assignments, mut evidence, warnings, .. } = roles;
        if let Some((column, origin)) = uid {
            assignments[column] = Some((Target::Standard(Standard::Uid), origin));
        }
        let attributes = assignments.iter().flatten().filter_map(|(target, _)| target.attribute());
        let mut names = AttributeNames {
            unique: UniqueNames::new(attributes.map(str::to_owned).collect()),
            warnings,
        };
        let has_names = [FULL_NAME, Standard::FirstName.as_str(), Standard::LastName.as_str()]
            .into_iter()
            .any(|name| names.unique.contains(name));
        let mut columns = Vec::with_capacity(header.len());
        for (index, (header, assigned)) in header.iter().zip(assignments).enumerate() {
            let is_assigned = assigned.is_some();
            let (target, origin) = assigned.unwrap_or((Target::Skipped, Origin::Custom));
            let evidence = evidence[index].take();
            let mut column = Column { index, header: header.clone(), target, origin, evidence };
            if !is_assigned && !options.only_mapped {
                column.target = Target::Custom(names.name_of(&column));
                names.warn_about_header(&column, has_names);
            }
            columns.push(column);
        }
        Self { columns, warnings: names.warnings }
    }

    /// Adds the evidence for the choice of the key to the key's column.
    pub(crate) fn note_key(&mut self, choice: &KeyChoice) {
        let attribute = Target::Standard(choice.key.attribute());
        let column = self.columns.iter_mut().find(|column| column.target == attribute);
        if let (Some(column), Some(evidence)) = (column, &choice.evidence) {
            column.evidence = Some(evidence.clone());
        }
    }

    /// The columns whose values make the uid: one, or several in order.
    pub(crate) fn uid_columns(&self) -> Vec<usize> {
        if let Some(column) = self.standard(Standard::Uid) {
            return vec![column.index];
        }
        let mut parts: Vec<(usize, usize)> = self
            .columns
            .iter()
            .filter_map(|column| match column.target {
                Target::UidPart(place) => Some((place, column.index)),
                _ => None,
            })
            .collect();
        parts.sort_unstable();
        parts.into_iter().map(|(_, column)| column).collect()
    }

    /// Whether the file is engage's own export, whose columns are known by exact headers.
    pub fn is_own_export(&self) -> bool {
        self.store_column(StoreColumn::TypeMarker).is_some()
    }

    /// The index of a column of engage's own export.
    pub fn store_column(&self, wanted: StoreColumn) -> Option<usize> {
        let target = Target::Store(wanted);
        self.columns.iter().find(|column| column.target == target).map(|column| column.index)
    }

    /// The column that becomes a standard attribute.
    pub fn standard(&self, standard: Standard) -> Option<&Column> {
        self.columns.iter().find(|column| column.target == Target::Standard(standard))
    }

    /// The columns that give a standard attribute, in the order in which they are tried.
    pub fn columns_of(&self, standard: Standard) -> Vec<usize> {
        let mut columns: Vec<(usize, usize)> = self
            .columns
            .iter()
            .filter_map(|column| match column.target {
                Target::Standard(other) if other == standard => Some((0, column.index)),
                Target::Fallback(other, place) if other == standard => Some((place, column.index)),
                _ => None,
            })
            .collect();
        columns.sort_unstable();
        columns.into_iter().map(|(_, column)| column).collect()
    }

    /// The column that an option names, by its exact header or else by its normalised one.
    pub fn column(&self, named: &NamedColumn) -> Result<&Column, MappingError> {
        let header: Vec<String> = self.columns.iter().map(|column| column.header.clone()).collect();
        let index = HeaderIndex::new(&header).find(&named.name).ok_or_else(|| {
            let missing = std::slice::from_ref(&named.name);
            MappingError::missing_columns(missing, named.origin, &header)
        })?;
        Ok(&self.columns[index])
    }

    /// The columns that become custom attributes, with the attributes' names.
    pub fn custom(&self) -> impl Iterator<Item = (&Column, &str)> {
        self.columns.iter().filter_map(|column| match &column.target {
            Target::Custom(name) => Some((column, name.as_str())),
            _ => None,
        })
    }
}

/// Assigns the columns of an own export. A repeated header, which no export has, is left to become
/// a custom attribute; with `only_mapped`, custom attributes are left out.
fn assign_export_columns(header: &[String], only_mapped: bool, assignments: &mut Assignments) {
    let mut taken: HashSet<Target> =
        assignments.iter().flatten().map(|(target, _)| target.clone()).collect();
    for (header, assignment) in header.iter().zip(assignments) {
        let target = Target::from(ExportColumn::of_header(header));
        let is_custom = matches!(target, Target::Custom(_));
        if assignment.is_some() || (is_custom && only_mapped) {
            continue;
        }
        if taken.insert(target.clone()) {
            let origin = if is_custom { Origin::Custom } else { Origin::Alias };
            *assignment = Some((target, origin));
        }
    }
}

/// Gives custom attributes unique names, and collects the warnings about them.
struct AttributeNames {
    unique: UniqueNames,
    warnings: Vec<MappingWarning>,
}

impl AttributeNames {
    /// The name of the custom attribute that a column becomes.
    fn name_of(&mut self, column: &Column) -> String {
        let mut name = attribute_name(&column.header);
        if name.is_empty() {
            name = format!("column_{}", column.index + 1);
        }
        let name = shortened_name(&name, "");
        let is_standard = Standard::from_name(&name).is_some();
        let is_reserved = is_standard || RESERVED_NAMES.contains(&name.as_str());
        let wanted = if is_reserved { format!("custom_{name}") } else { name.clone() };
        let attribute = self.unique.insert(&wanted);
        let label = column.label();
        if attribute != wanted || (is_reserved && self.unique.contains(&name)) {
            let attribute = attribute.clone();
            self.warnings.push(MappingWarning::Renamed { column: label, attribute });
        } else if is_reserved {
            let attribute = attribute.clone();
            self.warnings.push(MappingWarning::Reserved { column: label, attribute });
        }
        attribute
    }

    fn warn_about_header(&mut self, column: &Column, has_names: bool) {
        let header = &column.header;
        if header.starts_with([' ', '\t']) && header.trim_start().starts_with('"') {
            self.warnings.push(MappingWarning::SpacedQuote { column: column.label() });
        }
        if is_whole_name(&HeaderWords::of(header)) && !has_names {
            self.warnings.push(MappingWarning::WholeName { column: column.label() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::ManualMapping;

    fn map(header: &[&str], map: &[(&str, &str)]) -> Result<Mapping, MappingError> {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        let map = map.iter().map(|(c, a)| ((*c).to_owned(), (*a).to_owned())).collect();
        let command_line = ManualMapping { map, skip: Vec::new() };
        Mapping::new(&header, &MappingOptions { command_line, ..MappingOptions::default() })
    }

    fn attributes(mapping: &Mapping) -> Vec<&str> {
        mapping.columns.iter().map(|c| c.target.attribute().unwrap_or("-")).collect()
    }

    #[test]
    fn the_first_alias_takes_the_attribute_and_a_mobile_number_comes_before_others() {
        let mapping =
            map(&["Phone", "Mobile", "E-Mail", "email", "id", "Customer ID"], &[]).unwrap();
        assert_eq!(attributes(&mapping), ["phone", "number", "email", "custom_email", "id", "uid"]);
        assert_eq!(mapping.columns[1].origin, Origin::Alias);
    }

    #[test]
    fn one_part_of_a_name_identifies_the_other() {
        for (header, expected) in [
            (["prenom", "nom"], ["first_name", "last_name"]),
            (["Nom", "Prénom"], ["last_name", "first_name"]),
            (["Nom", "Pre\u{301}nom"], ["last_name", "first_name"]),
            (["nome", "cognome"], ["first_name", "last_name"]),
            (["Nome", "Sobrenome"], ["first_name", "last_name"]),
            (["nombre", "apellidos"], ["first_name", "last_name"]),
            (["Name", "Vorname"], ["last_name", "first_name"]),
            (["naam", "voornaam"], ["last_name", "first_name"]),
            (["nom", "ville"], ["nom", "ville"]),
            (["name", "cognome"], ["first_name", "last_name"]),
        ] {
            assert_eq!(attributes(&map(&header, &[]).unwrap()), expected, "{header:?}");
        }
        let mapping = map(&["nom", "prenom", "nom de famille"], &[]).unwrap();
        assert_eq!(attributes(&mapping), ["nom", "first_name", "last_name"]);
    }

    #[test]
    fn names_are_never_taken_twice() {
        let mapping = map(&["Plan", "plan", "archived at", "", "Devices"], &[]).unwrap();
        assert_eq!(
            attributes(&mapping),
            ["plan", "plan_2", "custom_archived_at", "column_4", "custom_devices"]
        );
        assert_eq!(mapping.warnings.len(), 3);
    }

    #[test]
    fn a_manual_mapping_comes_first() {
        let mapping = map(
            &["Name", "email", "work_email"],
            &[("name", "full_name"), ("work email", "email")],
        );
        let mapping = mapping.unwrap();
        assert_eq!(attributes(&mapping), ["full_name", "custom_email", "email"]);
        assert!(mapping.warnings.iter().all(|w| !matches!(w, MappingWarning::WholeName { .. })));
    }

    #[test]
    fn a_full_name_can_stay_a_custom_attribute() {
        let kept = map(&["Full Name"], &[("Full Name", "custom:full_name")]).unwrap();
        assert_eq!(kept.columns[0].target, Target::Custom("full_name".to_owned()));
        assert_eq!(kept.columns[0].target, map(&["Full Name"], &[]).unwrap().columns[0].target);
        assert_eq!(kept.columns[0].target.option_value().as_deref(), Some("custom:full_name"));
        assert!(map(&["a"], &[("a", "custom:email")]).is_err());
        assert!(map(&["a"], &[("a", "custom:devices")]).is_err());
    }

    #[test]
    fn several_columns_may_give_an_email_in_the_order_in_which_they_are_named() {
        let header = ["Private", "Plan", "Work", "Old"];
        let several = [("Work", "email"), ("Old", "email"), ("Private", "email")];
        let mapping = map(&header, &several).unwrap();
        assert_eq!(mapping.columns_of(Standard::Email), [2, 3, 0]);
        assert_eq!(mapping.standard(Standard::Email).map(|column| column.index), Some(2));
    }

    #[test]
    fn errors_name_the_column_and_the_reason() {
        let error = map(&["email", "plan"], &[("emial", "email")]).unwrap_err();
        assert!(
            matches!(error, MappingError::UnknownColumn { nearest: Some(ref n), .. } if n == "email")
        );
        let error = map(&["a", "b"], &[("a", "uid"), ("b", "uid")]).unwrap_err();
        assert!(matches!(error, MappingError::TwoColumns { .. }));
        assert!(map(&["a"], &[("a", "devices")]).is_err());
    }
}
