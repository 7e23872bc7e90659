//! The parts of a catalog that SQL makes and drops one by one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Statement, write};
use crate::{Kind, Name, quoted};

/// Where an element is: in which object, and which part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The kind of object.
    pub kind: Kind,
    /// The object's id as text.
    pub id: String,
    /// The part of it.
    pub part: Part,
}

/// A part of an object that SQL makes and drops apart from the rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The object itself.
    Whole,
    /// A column of a table, or an attribute of a composite type.
    Column(String),
    /// The default of a column; of a domain, with an empty name.
    Default(String),
    /// That a column takes no null; of a domain, with an empty name.
    NotNull(String),
    /// That a column is an identity column.
    Identity(String),
    /// A constraint of a table or domain.
    Constraint(String),
    /// That it is a partition of, or inherits from, the table of that id; of an index, that it is a
    /// part of the index of that id.
    Parent(String),
    /// A setting by its name: `row security`, `fillfactor`.
    Setting(String),
    /// The comment on what stands here as `COMMENT ON` has it.
    Comment(String),
}

impl Address {
    /// The address of an object as a whole.
    pub(crate) fn whole(kind: Kind, id: &impl fmt::Display) -> Self {
        Self { kind, id: id.to_string(), part: Part::Whole }
    }

    /// The address of another part of the same object.
    #[must_use]
    pub(crate) fn with(&self, part: Part) -> Self {
        Self { kind: self.kind, id: self.id.clone(), part }
    }

    /// The address of the object that this is a part of.
    #[must_use]
    pub fn object(&self) -> Self {
        self.with(Part::Whole)
    }

    /// Whether it is that of a column, or of an attribute of a composite type.
    pub fn is_column(&self) -> bool {
        matches!(self.part, Part::Column(_))
    }

    pub(crate) fn column(&self, column: &str) -> Self {
        self.with(Part::Column(column.to_owned()))
    }

    pub(crate) fn constraint(&self, name: &str) -> Self {
        self.with(Part::Constraint(name.to_owned()))
    }
}

/// As a person reads it: `table public.users: column email`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.title(), self.id)?;
        match &self.part {
            Part::Whole => Ok(()),
            Part::Column(name) => write!(f, ": column {name}"),
            Part::Default(name) if name.is_empty() => f.write_str(": default"),
            Part::Default(name) => write!(f, ": default of {name}"),
            Part::NotNull(name) if name.is_empty() => f.write_str(": not null"),
            Part::NotNull(name) => write!(f, ": not null of {name}"),
            Part::Identity(name) => write!(f, ": identity of {name}"),
            Part::Constraint(name) => write!(f, ": constraint {name}"),
            Part::Parent(name) => write!(f, ": place in {name}"),
            Part::Setting(name) => write!(f, ": {name}"),
            Part::Comment(on) => write!(f, ": comment on {on}"),
        }
    }
}

/// The least thing that SQL makes and drops by itself: an object, a column, a constraint, a comment.
///
/// What it says of other elements is by address; an address that is not in the same catalog means
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Where it is.
    pub address: Address,
    /// What tells whether two elements at one address are the same.
    pub sameness: String,
    /// Makes it.
    pub create: Vec<Statement>,
    /// Drops it. Empty when it goes only with something else.
    pub drop: Vec<Statement>,
    /// Whether `create` may be run over another one at the same address.
    pub overwrites: bool,
    /// What must be there for it to be there: made before it, dropped after it.
    pub needs: Vec<Address>,
    /// What it is a part of: PostgreSQL drops it together with that.
    pub within: Vec<Address>,
    /// What PostgreSQL drops it together with, though it could do without.
    pub swept_by: Vec<Address>,
    /// Whether it is dropped by itself before something else that it needs, though it would also go
    /// with what it is a part of: two tables can refer to each other.
    pub drops_first: bool,
    /// What is made before it and dropped after it if both are.
    pub after: Vec<Address>,
    /// What is made before it if both are.
    pub made_after: Vec<Address>,
    /// What is made while it is not there: an index that PostgreSQL would take for a part of the index
    /// of a partitioned table is made after the table has joined that.
    pub not_before: Vec<Address>,
    /// What makes it along, when that is made as well.
    pub comes_with: Option<Address>,
    /// What it does all things along with, for as long as a partition stays where it is.
    pub follows: Option<Follows>,
    /// What it ties together.
    pub binds: Option<Binding>,
    /// Names that nothing else may have.
    pub slots: Vec<String>,
    /// Names that PostgreSQL may have given to what it made along with it, as far as they were free.
    pub may_take: Vec<String>,
    /// Whether dropping it destroys what users put there.
    pub holds_data: bool,
    /// What is done behind `create` when what it is a part of is new as well, but its column is not:
    /// a sequence goes on behind the values that are there.
    pub catch_up: Vec<Statement>,
    /// Whether PostgreSQL takes it for another one than what `create` makes, when the two meet in a parent
    /// and its child.
    pub unsettled: bool,
    /// Whether PostgreSQL carries it over when the type of a column that it needs changes.
    pub survives_retyping: bool,
    /// Whether the values of the type that it needs are inside of its own: of an array, a row, a range.
    pub wraps: bool,
    /// How it makes room for another one while columns hold values of it: a type or collation.
    pub swap: Option<Swap>,
    /// Why undrift cannot make it.
    pub unsupported: Option<&'static str>,
    /// The position of the object among those of its kind.
    pub(crate) position: usize,
}

/// A column or constraint that a partition has from its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follows {
    /// The same of the parent.
    pub leader: Address,
    /// That the table is a partition, or inherits.
    pub via: Address,
    /// Whether it is dropped along with that of the parent; otherwise it becomes the table's own.
    pub drops: bool,
    /// Whether it is made when the partition joins its parent; otherwise it must be there by then.
    pub joins: bool,
}

/// How a type makes room for another one of its name, so that columns can move from the one to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// Gives it another name.
    pub aside: Vec<Statement>,
    /// Drops it under that name.
    pub finish: Vec<Statement>,
}

/// The tie between the indexes of a partition and of its parent: neither goes without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The index of the partition.
    pub child: Address,
    /// The index of the parent.
    pub parent: Address,
    /// What undoes the tie when it is dropped: the partition, and its place in the parent.
    pub unless: Vec<Address>,
}

impl Element {
    /// Builds an element that is made so.
    pub(crate) fn new(address: Address, create: Vec<Statement>, drop: Vec<Statement>) -> Self {
        let sql: Vec<&str> = create.iter().map(|statement| statement.sql.as_str()).collect();
        Self {
            address,
            sameness: sql.join(";"),
            create,
            drop,
            overwrites: false,
            needs: Vec::new(),
            within: Vec::new(),
            swept_by: Vec::new(),
            drops_first: false,
            after: Vec::new(),
            made_after: Vec::new(),
            not_before: Vec::new(),
            comes_with: None,
            follows: None,
            binds: None,
            slots: Vec::new(),
            may_take: Vec::new(),
            holds_data: false,
            catch_up: Vec::new(),
            unsettled: false,
            survives_retyping: false,
            wraps: false,
            swap: None,
            unsupported: None,
            position: 0,
        }
    }

    /// Builds something that is on or off, or has a value that can be overwritten.
    pub(crate) fn setting(of: &Address, part: Part, on: Statement, off: Statement) -> Self {
        let mut element = Self::new(of.with(part), vec![on], vec![off]).within(of.clone());
        element.overwrites = true;
        element.survives_retyping = true;
        element
    }

    #[must_use]
    pub(crate) fn needs(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.needs.extend(addresses);
        self
    }

    #[must_use]
    pub(crate) fn within(mut self, address: Address) -> Self {
        self.within.push(address);
        self
    }

    #[must_use]
    pub(crate) fn after(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.after.extend(addresses);
        self
    }

    #[must_use]
    pub(crate) fn made_after(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.made_after.extend(addresses);
        self
    }

    #[must_use]
    pub(crate) fn comes_with(mut self, address: Address) -> Self {
        self.comes_with = Some(address);
        self
    }

    #[must_use]
    pub(crate) fn slot(mut self, slot: String) -> Self {
        self.slots.push(slot);
        self
    }

    /// Says that it is a type or collation, of which columns may hold values.
    #[must_use]
    pub(crate) fn swapped(mut self, kind: &str, name: &Name) -> Self {
        let old = write::old(name);
        let rename = format!("ALTER {kind} {} RENAME TO {}", write::name(name), quoted(&old.name));
        let drop = format!("DROP {kind} {}", write::name(&old));
        self.swap =
            Some(Swap { aside: vec![Statement::new(rename)], finish: vec![Statement::new(drop)] });
        self
    }

    #[must_use]
    pub(crate) fn same_by(mut self, sameness: impl Into<String>) -> Self {
        self.sameness = sameness.into();
        self
    }
}

/// How an element is changed where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alteration {
    /// The statements.
    pub statements: Vec<Statement>,
    /// Whether the type of a column changes, so that PostgreSQL refuses while others use it.
    pub retypes: bool,
    /// Whether the element goes on needing what it needed before: a constraint that is validated
    /// stands on the index that it stood on.
    pub keeps_needs: bool,
}

impl Alteration {
    /// Builds an alteration that bothers nobody else.
    pub(crate) fn of(statements: Vec<Statement>) -> Self {
        Self { statements, retypes: false, keeps_needs: false }
    }
}
