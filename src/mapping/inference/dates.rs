//! Whether the values of a column are dates, and in which format.

use crate::value::typed::{DateFormat, DayOrder, TypeSpec, ValueType, date_formats};

/// What the values of a column prove about its dates.
pub(super) enum DateFinding {
    Proven {
        spec: TypeSpec,
        pattern: String,
        fitting: u64,
        /// Whether they are times without a zone.
        is_zoneless: bool,
    },
    /// Formats that read every value, though too few values prove one of them.
    Unproven(Vec<TypeSpec>),
}

/// The values of a column as dates.
#[derive(Default)]
pub(super) struct DateColumn {
    seen: u64,
    /// Whether a value fitted none of the formats.
    is_refuted: bool,
    /// The formats of the first value; two if either number may be the day.
    candidates: Vec<Candidate>,
}

struct Candidate {
    format: DateFormat,
    spec: TypeSpec,
    fitting: u64,
    /// The number of values that only this format reads.
    proving: u64,
}

impl Candidate {
    fn new(format: DateFormat) -> Self {
        let kind = if format.has_time { ValueType::Datetime } else { ValueType::Date };
        let spec = TypeSpec::with_pattern(kind, format.pattern.clone());
        Self { format, spec, fitting: 0, proving: 0 }
    }
}

impl DateColumn {
    pub(super) fn is_possible(&self) -> bool {
        !self.is_refuted
    }

    pub(super) fn see(&mut self, value: &str) {
        if self.is_refuted {
            return;
        }
        if self.seen == 0 {
            self.candidates = date_formats(value).into_iter().map(Candidate::new).collect();
        }
        self.seen += 1;
        let mut last = None;
        let mut fitting = 0;
        for (place, candidate) in self.candidates.iter_mut().enumerate() {
            if candidate.spec.value(value).is_some() {
                candidate.fitting += 1;
                fitting += 1;
                last = Some(place);
            }
        }
        match (fitting, last) {
            (1, Some(only)) => self.candidates[only].proving += 1,
            _ => self.is_refuted = fitting == 0,
        }
    }

    pub(super) fn conclude(self) -> Option<DateFinding> {
        if self.is_refuted || self.seen == 0 {
            return None;
        }
        let seen = self.seen;
        let proving: u64 = self.candidates.iter().map(|candidate| candidate.proving).sum();
        // Dates with dots are day first unless the values contradict it.
        let needs_no_proof = |format: &DateFormat| {
            format.order == Some(DayOrder::DayFirst) && format.pattern.starts_with("%d.%m.")
        };
        let is_proven = |candidate: &Candidate| match candidate.format.order {
            None => candidate.fitting == seen,
            Some(_) if needs_no_proof(&candidate.format) => candidate.proving * 100 >= proving * 99,
            Some(_) => candidate.proving >= 2 && candidate.proving * 100 >= proving * 99,
        };
        if let Some(candidate) = self.candidates.iter().find(|candidate| is_proven(candidate)) {
            let DateFormat { has_time, has_zone, pattern, .. } = candidate.format.clone();
            return Some(DateFinding::Proven {
                spec: candidate.spec.clone(),
                pattern,
                fitting: candidate.fitting,
                is_zoneless: has_time && !has_zone,
            });
        }
        let whole = self.candidates.into_iter().filter(|candidate| candidate.fitting == seen);
        let readings: Vec<TypeSpec> = whole.map(|candidate| candidate.spec).collect();
        (!readings.is_empty()).then_some(DateFinding::Unproven(readings))
    }
}
