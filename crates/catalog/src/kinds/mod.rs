//! The kinds of object: one folder each, and one line in the table below.

pub mod cast;
pub mod collation;
pub mod composite_type;
pub mod domain;
pub mod enum_type;
pub mod event_trigger;
pub mod extension;
pub mod foreign_server;
pub mod foreign_table;
pub mod function;
pub mod index;
pub mod operator;
pub mod owner;
pub mod policy;
pub mod privilege;
pub mod publication;
pub mod range_type;
pub mod rule;
pub mod schema;
pub mod sequence;
pub mod statistics;
pub mod table;
pub mod text_search_configuration;
pub mod text_search_dictionary;
pub mod trigger;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::Pair;
use crate::ddl::{Address, Alteration, Context, Ddl, Element};
use crate::dependencies::Dependency;
use crate::drift::PartOf;
use crate::facts::Facts;
use crate::objects::{Object, Objects};

/// What is made of the expressions that a server prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// They are understood, so that two ways to write the same are equal: see [`Object::understood`].
    Understood,
    /// They stay as they are, for who has rules of his own.
    AsPrinted,
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $field:ident: $kind:ident = $object:path; )*) => {
        /// Everything one database contains, of the schemas looked at.
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        pub struct Catalog {
            $( $(#[$doc])* #[serde(default)] pub $field: Objects<$object>, )*
            /// What needs what, as far as the objects themselves do not tell; sorted. Empty where
            /// nobody asked, which is enough for all but a plan.
            #[serde(default)]
            pub dependencies: Vec<Dependency>,
        }

        /// The kinds of object.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $( $(#[$doc])* $kind, )*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$( Self::$kind, )*];

            /// What PostgreSQL's manual calls it.
            pub fn title(self) -> &'static str {
                match self { $( Self::$kind => <$object as Object>::KIND, )* }
            }

            /// The query for all objects of this kind; see [`Object::QUERY`].
            pub fn query(self) -> &'static str {
                match self { $( Self::$kind => <$object as Object>::QUERY, )* }
            }
        }

        impl Catalog {
            /// Adds an object of that kind as the server described it in JSON.
            ///
            /// # Errors
            /// When the JSON does not have the fields of the kind's struct: a defect of its query.
            pub fn insert_json(
                &mut self,
                kind: Kind,
                json: &str,
                reading: Reading,
            ) -> Result<(), serde_json::Error> {
                match kind {
                    $( Kind::$kind => {
                        let object: $object = serde_json::from_str(json)?;
                        self.$field.insert(match reading {
                            Reading::Understood => object.understood(),
                            Reading::AsPrinted => object,
                        });
                    } )*
                }
                Ok(())
            }

            /// Calls the visitor with the facts about every object: its kind, its id as text, the
            /// facts, what it goes with.
            pub(crate) fn visit_facts(
                &self,
                mut visitor: impl FnMut(Kind, String, Facts, Option<PartOf>),
            ) {
                $( for object in self.$field.iter() {
                    let id = object.id().to_string();
                    visitor(Kind::$kind, id, object.facts(), object.part_of());
                } )*
            }

            /// The facts about the object of that kind whose id reads so.
            pub(crate) fn facts(&self, kind: Kind, id: &str) -> Option<Facts> {
                match kind { $( Kind::$kind => self
                    .$field
                    .iter()
                    .find(|object| {
                        let text = object.id().to_string();
                        text == id
                    })
                    .map(Object::facts), )* }
            }

            /// Calls the visitor with every object that goes with another: its kind, its id as text,
            /// what it goes with.
            pub fn visit_parts(&self, mut visitor: impl FnMut(Kind, String, PartOf)) {
                $( for object in self.$field.iter() {
                    if let Some(part_of) = object.part_of() {
                        visitor(Kind::$kind, object.id().to_string(), part_of);
                    }
                } )*
            }

            /// The actual catalog, with the objects for which the function says so as the desired one
            /// has them. It is told kind, id and what the object goes with. Without dependencies.
            pub(crate) fn mixed(
                catalogs: Pair<&Self>,
                mut is_selected: impl FnMut(Kind, String, Option<PartOf>) -> bool,
            ) -> Self {
                Self {
                    $( $field: Objects::mixed(
                        catalogs.map(|catalog| &catalog.$field),
                        |object| is_selected(Kind::$kind, object.id().to_string(), object.part_of()),
                    ), )*
                    dependencies: Vec::new(),
                }
            }

            /// Calls the visitor with every element of every object.
            pub(crate) fn visit_elements(
                &self,
                context: &Context<'_>,
                mut visitor: impl FnMut(Element),
            ) {
                $( for (position, object) in self.$field.iter().enumerate() {
                    for element in object.elements(context) {
                        visitor(Element { position, ..element });
                    }
                } )*
            }

            /// How the part at an address is changed in place, of the objects at those positions.
            pub(crate) fn alter(
                catalogs: Pair<&Self>,
                positions: Pair<usize>,
                address: &Address,
            ) -> Option<Alteration> {
                match address.kind { $( Kind::$kind => {
                    let actual = catalogs.actual.$field.at(positions.actual)?;
                    let desired = catalogs.desired.$field.at(positions.desired)?;
                    Ddl::alter(Pair::new(actual, desired), &address.part)
                } )* }
            }

            /// Calls the visitor with every object: its kind, its id as text, its JSON value.
            pub fn visit(&self, mut visitor: impl FnMut(Kind, String, serde_json::Value)) {
                $( for object in self.$field.iter() {
                    let value = serde_json::to_value(object).unwrap_or(serde_json::Value::Null);
                    visitor(Kind::$kind, object.id().to_string(), value);
                } )*
            }
        }
    };
}

kinds! {
    /// Schemas.
    schemas: Schema = schema::Schema;
    /// Extensions.
    extensions: Extension = extension::Extension;
    /// Enum types.
    enum_types: EnumType = enum_type::EnumType;
    /// Domains.
    domains: Domain = domain::Domain;
    /// Composite types.
    composite_types: CompositeType = composite_type::CompositeType;
    /// Sequences, those of `serial` columns included, those of identity columns not.
    sequences: Sequence = sequence::Sequence;
    /// Tables with their columns and constraints.
    tables: Table = table::Table;
    /// Indexes, those of unique constraints included, those of primary keys not.
    indexes: Index = index::Index;
    /// Views and materialized views.
    views: View = view::View;
    /// Functions, procedures and aggregates.
    functions: Function = function::Function;
    /// Triggers.
    triggers: Trigger = trigger::Trigger;
    /// Row security policies.
    policies: Policy = policy::Policy;
    /// Range types.
    range_types: RangeType = range_type::RangeType;
    /// Collations.
    collations: Collation = collation::Collation;
    /// Operators.
    operators: Operator = operator::Operator;
    /// Casts.
    casts: Cast = cast::Cast;
    /// Text search dictionaries.
    text_search_dictionaries: TextSearchDictionary = text_search_dictionary::TextSearchDictionary;
    /// Text search configurations.
    text_search_configurations: TextSearchConfiguration =
        text_search_configuration::TextSearchConfiguration;
    /// Foreign servers.
    foreign_servers: ForeignServer = foreign_server::ForeignServer;
    /// Foreign tables.
    foreign_tables: ForeignTable = foreign_table::ForeignTable;
    /// Rewrite rules, but for those that make views.
    rules: Rule = rule::Rule;
    /// Extended statistics.
    statistics: Statistics = statistics::Statistics;
    /// Event triggers.
    event_triggers: EventTrigger = event_trigger::EventTrigger;
    /// Publications.
    publications: Publication = publication::Publication;
    /// Owners, where they are not the usual one.
    owners: Owner = owner::Owner;
    /// Privileges.
    privileges: Privilege = privilege::Privilege;
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn queries_can_be_sent_to_databases_of_every_encoding() {
        for kind in Kind::ALL {
            assert!(kind.query().is_ascii(), "{}", kind.title());
        }
    }
}
