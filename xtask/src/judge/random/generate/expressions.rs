//! Conditions and values that are computed.

use super::{Class, Column, Draft};

impl Draft<'_> {
    /// A condition on a value of that class.
    pub(super) fn condition_on(&self, path: &str, value: &str, class: &Class) -> String {
        let pattern = match class {
            Class::Integer => self.word(
                path,
                &[
                    "# > 0",
                    "# BETWEEN 1 AND 10",
                    "# IN (1, 2, 3)",
                    "(# + 1) * 2 < 100",
                    "# % 2 = 0",
                    "# <> ALL (ARRAY[1, 2])",
                    "# IS DISTINCT FROM 5",
                    "CASE WHEN # > 5 THEN # < 50 ELSE true END",
                ],
            ),
            Class::Number => {
                self.word(path, &["# >= 0", "# < 1.5 OR # > 10", "round(#::numeric) = 1"])
            }
            Class::Text => self.word(
                path,
                &[
                    "# <> ''",
                    "length(#) < 10",
                    "# LIKE 'a%'",
                    "# ~ '^[a-z]+$'",
                    "# IN ('a', 'b''c')",
                    "lower(#) = #",
                    "# NOT ILIKE '%x\\_%'",
                    "# = ANY (ARRAY['a'::text, 'b'])",
                    "position('x' IN #) = 0",
                    "coalesce(#, '') <> 'no'",
                ],
            ),
            Class::Boolean => self.word(path, &["#", "NOT #", "# IS TRUE", "# IS NOT FALSE"]),
            Class::Time => self.word(
                path,
                &[
                    "# > '2020-01-01'",
                    "# IS NOT NULL",
                    "extract(year FROM #) > 2000",
                    "# < 'infinity'",
                ],
            ),
            Class::Enum(labels) => {
                let label = self.choices.position(path, labels).and_then(|at| labels.get(at));
                let label = label.map_or("NULL", String::as_str);
                return match self.choices.below(&format!("{path}.form"), 3) {
                    0 => format!("{value} = {label}"),
                    1 => format!("{value} IN ({})", labels.join(", ")),
                    _ => format!("{value} <> {label}"),
                };
            }
            Class::Range => self.word(path, &["NOT isempty(#)", "# @> 3", "lower(#) > 0"]),
            Class::Other => self.word(path, &["# IS NOT NULL", "# IS NULL", "num_nulls(#) = 0"]),
        };
        pattern.replace('#', value)
    }

    /// A condition on one or two columns.
    pub(super) fn condition(&self, path: &str, columns: &[Column]) -> String {
        let one = |path: &str| {
            let column = self.choices.position(path, columns).and_then(|at| columns.get(at));
            column.map_or_else(
                || "true".to_owned(),
                |column| {
                    self.condition_on(&format!("{path}.of"), &column.name, &column.r#type.class)
                },
            )
        };
        let first = one(&format!("{path}.first"));
        if !self.chance(&format!("{path}.two"), 30) {
            return first;
        }
        let second = one(&format!("{path}.second"));
        let join = self.word(&format!("{path}.join"), &["AND", "OR", "AND NOT"]);
        format!("({first}) {join} ({second})")
    }

    /// An immutable expression over a value of that class, and the class of the result.
    pub(super) fn expression_on(&self, path: &str, value: &str, class: &Class) -> (String, Class) {
        let (pattern, result) = match class {
            Class::Integer => {
                let forms =
                    ["# + 1", "abs(#)", "# * 2 - 3", "- #", "greatest(#, 0)", "coalesce(#, 0)"];
                (self.word(path, &forms), Class::Integer)
            }
            Class::Number => (self.word(path, &["# * 2", "abs(#)", "# + 1"]), Class::Number),
            Class::Text => {
                let forms = [
                    "lower(#)",
                    "# || 'x'",
                    "upper(btrim(#))",
                    "coalesce(#, 'none')",
                    "substring(#, 1, 3)",
                    "(CASE WHEN # = 'a' THEN 'b' ELSE # END)",
                    "nullif(#, '')",
                ];
                (self.word(path, &forms), Class::Text)
            }
            Class::Boolean => (self.word(path, &["NOT #", "# AND true"]), Class::Boolean),
            Class::Range => (self.word(path, &["lower(#)", "upper(#)"]), Class::Integer),
            Class::Time | Class::Enum(_) | Class::Other => {
                (self.word(path, &["(# IS NULL)", "(# IS NOT NULL)"]), Class::Boolean)
            }
        };
        (pattern.replace('#', value), result)
    }
}
