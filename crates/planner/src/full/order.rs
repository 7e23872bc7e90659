//! Decisions into steps, in an order that PostgreSQL accepts.
//!
//! Every verb on an element is a node. What PostgreSQL would refuse otherwise is an edge: what needs
//! something is dropped before it and made after it. Of the nodes that may come next, the one that
//! comes first in [`rank`] does, so that a plan reads as a person would write it, and the same input
//! gives the same plan.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Address, Element, Kind, Pair, Part, Statement};

use super::decide::{Decisions, Elements};
use super::{Step, Verb};

type Node<'a> = (Verb, &'a Address);

/// An element that would have to be altered both before and after something else, and that can be
/// dropped before and made again after it instead.
pub(super) struct Stuck(pub(super) Address);

/// Returns the steps in order, without those that PostgreSQL carries out along with others.
pub(super) fn steps(decisions: &Decisions, elements: Pair<&Elements>) -> Result<Vec<Step>, Stuck> {
    let ordering = Ordering { decisions, elements };
    let mut steps = Vec::new();
    let order = sorted(&ordering.nodes(), ordering.edges(), |node| ordering.can_be_remade(node));
    for (verb, address) in order.map_err(|(_, address)| Stuck(address.clone()))? {
        let statements = ordering.statements(verb, address);
        if !statements.is_empty() {
            steps.push(Step { verb, address: address.clone(), statements });
        }
    }
    Ok(steps)
}

struct Ordering<'a> {
    decisions: &'a Decisions,
    elements: Pair<&'a Elements>,
}

impl<'a> Ordering<'a> {
    fn nodes(&self) -> BTreeSet<Node<'a>> {
        self.all().map(|node| self.representative(node)).collect()
    }

    fn all(&self) -> impl Iterator<Item = Node<'a>> {
        let done = self.decisions.done.iter();
        done.flat_map(|(address, verbs)| verbs.iter().map(move |verb| (*verb, address)))
    }

    /// The node, if it is one.
    fn node(&self, verb: Verb, address: &Address) -> Option<Node<'a>> {
        let (address, verbs) = self.decisions.done.get_key_value(address)?;
        verbs.contains(&verb).then_some((verb, address))
    }

    fn is_kept(&self, address: &Address) -> bool {
        self.elements.actual.contains_key(address)
            && self.elements.desired.contains_key(address)
            && self.node(Verb::Drop, address).is_none()
    }

    /// The node by which PostgreSQL does this one as well: a column is made with its table, the column
    /// of a partition with that of its parent.
    fn representative(&self, node: Node<'a>) -> Node<'a> {
        let (verb, address) = node;
        let leader = match verb {
            Verb::Create => self.elements.desired.get(address).and_then(|element| {
                let whole = element.comes_with.as_ref();
                let made = whole
                    .and_then(|whole| self.node(Verb::Create, whole).or_else(|| self.swap(whole)));
                made.or_else(|| self.leader_of_creation(element))
            }),
            Verb::Alter => self.elements.actual.get(address).and_then(|element| {
                let follows = element.follows.as_ref()?;
                self.is_kept(&follows.via).then(|| self.node(verb, &follows.leader)).flatten()
            }),
            Verb::Drop => self.elements.actual.get(address).and_then(|element| {
                self.leader_of_drop(element).or_else(|| self.taken_along_by(element))
            }),
            Verb::Finish => None,
        };
        match leader {
            Some(leader) if leader != node => self.representative(leader),
            Some(_) | None => node,
        }
    }

    fn leader_of_creation(&self, element: &Element) -> Option<Node<'a>> {
        let follows = element.follows.as_ref()?;
        let leader = self.node(Verb::Create, &follows.leader);
        if follows.joins {
            leader.or_else(|| self.node(Verb::Create, &follows.via))
        } else {
            leader.filter(|_| self.is_kept(&follows.via))
        }
    }

    fn leader_of_drop(&self, element: &Element) -> Option<Node<'a>> {
        let follows = element.follows.as_ref().filter(|follows| follows.drops)?;
        let leader = self.elements.actual.get(&follows.leader)?;
        // Otherwise what is left of it is the follower's own.
        let is_in_time =
            self.taken_along_by(leader).is_none() && (follows.joins || self.is_kept(&follows.via));
        is_in_time.then(|| self.node(Verb::Drop, &follows.leader)).flatten()
    }

    /// The node by which PostgreSQL drops an element together with something else.
    fn taken_along_by(&self, element: &Element) -> Option<Node<'a>> {
        let Element { within, swept_by, drops_first, needs, .. } = element;
        let whole = element.address.object();
        let is_dropped = |address: &Address| self.node(Verb::Drop, address).is_some();
        if *drops_first && needs.iter().any(|needed| needed.object() != whole && is_dropped(needed))
        {
            return None;
        }
        within.iter().chain(swept_by).find_map(|address| self.node(Verb::Drop, address))
    }

    /// The node that drops the old one of the type that an element is a part of.
    fn swapped_with(&self, element: &Element) -> Option<Node<'a>> {
        self.node(Verb::Finish, element.comes_with.as_ref()?)
    }

    /// The node that makes a type anew beside the old one.
    fn swap(&self, address: &Address) -> Option<Node<'a>> {
        self.node(Verb::Finish, address)?;
        self.node(Verb::Alter, address)
    }

    /// Whether an element that is altered could be dropped and made again as well, and nothing be lost.
    fn can_be_remade(&self, (verb, address): Node<'a>) -> bool {
        let has_drop = |element: &Element| !element.holds_data && !element.drop.is_empty();
        let is_free = match address.part {
            Part::Whole => matches!(address.kind, Kind::View | Kind::Function | Kind::Policy),
            // That is made anew with its type.
            Part::Column(_) => address.kind == Kind::CompositeType,
            Part::Default(_) | Part::NotNull(_) | Part::Constraint(_) => true,
            Part::Setting(_) | Part::Comment(_) => true,
            Part::Identity(_) | Part::Parent(_) => false,
        };
        verb == Verb::Alter
            && is_free
            && !self.decisions.anew.contains(address)
            && self.elements.actual.get(address).is_some_and(has_drop)
    }

    /// Whether it matters to an element how another one that it needs is altered: other options of a
    /// sequence, more labels and what leaves a column its type do not, nor does what the parts of a type
    /// do by themselves, except to those parts.
    fn is_felt_by(&self, element: &Address, altered: &Address) -> bool {
        let is_for_parts = self.is_for_parts(altered);
        let alteration = self.decisions.alterations.get(altered);
        let keeps_type = altered.is_column() && alteration.is_some_and(|it| !it.retypes);
        let bothers = !matches!(altered.kind, Kind::Sequence | Kind::EnumType) && !keeps_type;
        bothers && (!is_for_parts || element.object() == altered.object())
    }

    /// Whether an element is altered by its parts alone.
    fn is_for_parts(&self, altered: &Address) -> bool {
        let alteration = self.decisions.alterations.get(altered);
        alteration.is_some_and(|it| it.statements.is_empty()) && self.swap(altered).is_none()
    }

    /// What an element comes after when it is made, and before when it is dropped.
    fn below(element: &Element) -> impl Iterator<Item = &Address> {
        let Element { needs, within, after, .. } = element;
        needs.iter().chain(within).chain(after)
    }

    /// Pairs of nodes of which the first comes before the second.
    fn edges(&self) -> BTreeSet<(Node<'a>, Node<'a>)> {
        let mut edges = Edges { ordering: self, all: BTreeSet::new() };
        self.edges_of_what_goes(&mut edges);
        self.edges_of_what_comes(&mut edges);
        self.edges_of_places(&mut edges);
        self.edges_of_slots(&mut edges);
        self.edges_of_names(&mut edges);
        self.edges_of_types(&mut edges);
        edges.all
    }

    fn is_touched(&self, address: &Address) -> bool {
        self.decisions.done.contains_key(address)
    }

    /// What is there goes, or is altered, before what it needs does.
    fn edges_of_what_goes(&self, edges: &mut Edges<'_, 'a>) {
        let Pair { actual, desired } = self.elements;
        for (x, element) in actual {
            if !self.is_touched(x) && element.follows.is_none() && element.comes_with.is_none() {
                continue;
            }
            if let Some(finish) = self.swapped_with(element) {
                for y in Self::below(element) {
                    edges.add(Some(finish), self.node(Verb::Finish, y));
                    edges.add(Some(finish), self.node(Verb::Drop, y));
                }
                continue;
            }
            edges.add(self.swap(x), self.node(Verb::Finish, x));
            let after = desired.get(x);
            for y in Self::below(element).chain(&element.swept_by) {
                // A type that is made anew beside the old one leaves that to what needs it.
                let stays = self.swap(y).is_some() && y.object() != x.object();
                let is_felt = !stays && self.is_felt_by(x, y);
                let alter_below = self.node(Verb::Alter, y).filter(|_| is_felt);
                let drop = self.node(Verb::Drop, x);
                edges.add(drop, self.node(Verb::Drop, y));
                edges.add(
                    drop,
                    alter_below.or_else(|| self.swap(y).filter(|_| is_named_by_types(x))),
                );
                edges.add(drop, self.node(Verb::Finish, y));
                let alter = self.node(Verb::Alter, x);
                edges.add(alter, self.node(Verb::Finish, y));
                edges.add(self.node(Verb::Finish, x), self.node(Verb::Finish, y));
                edges.add(self.node(Verb::Finish, x), self.node(Verb::Drop, y));
                if !after.is_some_and(|after| Self::below(after).any(|other| other == y)) {
                    edges.add(alter, self.node(Verb::Drop, y));
                    edges.add(alter, alter_below.filter(|_| !element.survives_retyping));
                }
            }
            edges.add(self.node(Verb::Drop, x), self.node(Verb::Create, x));
            if let Some(follows) = &element.follows {
                let own = self.node(Verb::Drop, x);
                let leader = self.node(Verb::Drop, &follows.leader);
                let via = self.node(Verb::Drop, &follows.via);
                if own.is_some_and(|own| Some(self.representative(own)) == leader) {
                    edges.add(leader, via);
                } else {
                    edges.add(via, own);
                    if follows.drops {
                        // Otherwise this one would go along.
                        edges.add(via, leader);
                    } else if self.is_kept(&follows.via) {
                        edges.add(
                            leader.filter(|leader| self.representative(*leader) == *leader),
                            own,
                        );
                    }
                }
            }
        }
    }

    /// What is wanted is made, or altered, after what it needs is.
    fn edges_of_what_comes(&self, edges: &mut Edges<'_, 'a>) {
        let desired: &'a Elements = self.elements.desired;
        for (x, element) in desired {
            // Parts of a type that is made anew are made with it, whether they are other ones or not.
            let anew = element.comes_with.as_ref().and_then(|whole| self.swap(whole));
            if !self.is_touched(x) && anew.is_none() {
                continue;
            }
            let alter = self.node(Verb::Alter, x).filter(|_| !self.is_for_parts(x));
            let before = element.made_after.iter().chain(&element.not_before);
            for y in Self::below(element).chain(before) {
                for verb in [Verb::Create, Verb::Alter] {
                    edges.add(self.node(verb, y), self.node(Verb::Create, x));
                    edges.add(self.node(verb, y), alter);
                    edges.add(self.node(verb, y), anew);
                }
            }
        }
    }

    /// Tables join others when there is room for them, and when all have lost what they are to lose.
    fn edges_of_places(&self, edges: &mut Edges<'_, 'a>) {
        let mut losses: BTreeMap<Address, Vec<Node<'a>>> = BTreeMap::new();
        let mut leaving: BTreeMap<&Part, Vec<Node<'a>>> = BTreeMap::new();
        let mut left: BTreeMap<&Address, Vec<Node<'a>>> = BTreeMap::new();
        for node in self.all().filter(|(verb, _)| *verb == Verb::Drop) {
            let (_, address) = node;
            match &address.part {
                Part::Whole if address.kind == Kind::Index => {
                    let tables = self.elements.actual.get(address).map(|it| &it.within);
                    for table in tables.into_iter().flatten() {
                        losses.entry(table.clone()).or_default().push(node);
                    }
                }
                Part::Column(_) | Part::Constraint(_) => {
                    losses.entry(address.object()).or_default().push(node);
                }
                Part::Parent(_) if address.kind == Kind::Table => {
                    leaving.entry(&address.part).or_default().push(node);
                    let parents = self.elements.actual.get(address).map(|it| &it.needs);
                    for parent in parents.into_iter().flatten() {
                        left.entry(parent).or_default().push(node);
                    }
                }
                Part::Whole
                | Part::Parent(_)
                | Part::Default(_)
                | Part::NotNull(_)
                | Part::Identity(_)
                | Part::Setting(_)
                | Part::Comment(_) => {}
            }
        }
        for (x, element) in self.elements.desired {
            let Some(join) = self.node(Verb::Create, x) else { continue };
            // A child that leaves later would get it as well, or be in its way.
            let tables = element.within.iter().map(Address::object);
            for leave in tables.filter_map(|table| left.get(&table)).flatten() {
                edges.add(Some(*leave), Some(join));
            }
            if !matches!(x.part, Part::Parent(_)) {
                continue;
            }
            let object = x.object();
            let lost = element.needs.iter().chain([&object]).filter_map(|y| losses.get(y));
            // Two partitions cannot have the same place, even if one of them is to go.
            for drop in lost.chain(leaving.get(&x.part)).flatten() {
                edges.add(Some(*drop), Some(join));
            }
        }
    }

    /// A name is free when what has it is gone.
    fn edges_of_slots(&self, edges: &mut Edges<'_, 'a>) {
        let Pair { actual, desired } = self.elements;
        let mut slots: BTreeMap<&str, Vec<Node<'a>>> = BTreeMap::new();
        for (x, element) in actual {
            if let Some(drop) = self.node(Verb::Drop, x) {
                for slot in element.slots.iter().chain(&element.may_take) {
                    slots.entry(slot).or_default().push(drop);
                }
            }
        }
        for (x, element) in desired {
            if let Some(create) = self.node(Verb::Create, x) {
                for freed in element.slots.iter().filter_map(|slot| slots.get(slot.as_str())) {
                    for drop in freed {
                        edges.add(Some(*drop), Some(create));
                    }
                }
            }
        }
    }

    /// What may take the name of something else comes after that; of two that may take each other's, the
    /// first is the one with the name that PostgreSQL would try first.
    fn edges_of_names(&self, edges: &mut Edges<'_, 'a>) {
        let desired: &'a Elements = self.elements.desired;
        let mut takers: BTreeMap<&str, Vec<&Element>> = BTreeMap::new();
        for element in desired.values() {
            for name in &element.may_take {
                takers.entry(name).or_default().push(element);
            }
        }
        let order = |element: &'a Element| {
            let slot = element.slots.first().map_or("", String::as_str);
            (slot.len(), slot)
        };
        for element in desired.values() {
            for taker in element.slots.iter().filter_map(|slot| takers.get(slot.as_str())).flatten()
            {
                let is_mutual = taker.slots.iter().any(|slot| element.may_take.contains(slot));
                if !is_mutual || order(element) < order(taker) {
                    let create = |address| self.node(Verb::Create, address);
                    edges.add(create(&element.address), create(&taker.address));
                }
            }
        }
    }

    /// A domain gets a constraint, and an attribute another type, when what is to go has gone of what holds
    /// their values.
    fn edges_of_types(&self, edges: &mut Edges<'_, 'a>) {
        let Pair { actual, desired } = self.elements;
        for x in desired.keys().filter(|x| x.part != Part::Whole) {
            let verb = if x.kind == Kind::Domain { Verb::Create } else { Verb::Alter };
            let is_of_type = matches!(x.kind, Kind::Domain | Kind::CompositeType);
            let Some(change) = self.node(verb, x).filter(|_| is_of_type) else { continue };
            for column in columns_over(x.object(), actual) {
                edges.add(self.node(Verb::Drop, &column), Some(change));
            }
        }
    }

    fn statements(&self, verb: Verb, address: &Address) -> Vec<Statement> {
        let Pair { actual, desired } = self.elements.map(|elements| elements.get(address));
        match verb {
            Verb::Create => match desired {
                Some(element) if element.unsupported.is_none() => {
                    let mut statements = element.create.clone();
                    if self.is_behind(element) {
                        statements.extend(element.catch_up.clone());
                    }
                    statements
                }
                Some(_) | None => Vec::new(),
            },
            Verb::Drop => actual
                .filter(|element| !self.goes_along(element))
                .map(|element| element.drop.clone())
                .unwrap_or_default(),
            Verb::Alter => match actual.zip(desired) {
                Some((Element { swap: Some(swap), .. }, new)) if self.swap(address).is_some() => {
                    let conversion = self.decisions.conversions.get(address);
                    let functions = conversion.into_iter().flat_map(|it| &it.make);
                    swap.aside.iter().chain(&new.create).chain(functions).cloned().collect()
                }
                Some(_) | None => self
                    .decisions
                    .alterations
                    .get(address)
                    .map(|alteration| alteration.statements.clone())
                    .unwrap_or_default(),
            },
            Verb::Finish => {
                let conversion = self.decisions.conversions.get(address);
                let functions = conversion.into_iter().flat_map(|it| &it.drop);
                let swap = actual.and_then(|element| element.swap.as_ref());
                functions.chain(swap.into_iter().flat_map(|swap| &swap.finish)).cloned().collect()
            }
        }
    }

    /// Whether what an element is a part of is new, but not what else it needs.
    fn is_behind(&self, element: &Element) -> bool {
        let is_new = |address: &Address| self.node(Verb::Create, address).is_some();
        element.within.iter().any(is_new) && !element.needs.iter().any(is_new)
    }

    /// Whether PostgreSQL drops the element together with something else.
    fn goes_along(&self, element: &Element) -> bool {
        self.decisions.carried_off.contains(&element.address)
            || self.taken_along_by(element).is_some()
            || self.swapped_with(element).is_some()
    }
}

/// The columns, and tables, that hold values of a type, be it inside of values of other types.
fn columns_over(r#type: Address, elements: &Elements) -> BTreeSet<Address> {
    let mut over = BTreeSet::from([r#type]);
    loop {
        let is_over = |element: &&Element| {
            let Element { address, needs, .. } = element;
            address.kind != Kind::View
                && (address.part == Part::Whole || address.is_column())
                && needs.iter().any(|needed| over.contains(needed))
        };
        let found = elements.values().filter(is_over).map(|element| &element.address);
        // What is made of a type in turn is used as a whole.
        let found = found.map(|it| if it.kind == Kind::Table { it.clone() } else { it.object() });
        let found: Vec<Address> = found.filter(|it| !over.contains(it)).collect();
        if found.is_empty() {
            over.retain(|address| address.kind == Kind::Table);
            return over;
        }
        over.extend(found);
    }
}

/// Pairs of nodes, each by its representative.
struct Edges<'o, 'a> {
    ordering: &'o Ordering<'a>,
    all: BTreeSet<(Node<'a>, Node<'a>)>,
}

impl<'a> Edges<'_, 'a> {
    /// Says that the first comes before the second, if both are.
    fn add(&mut self, first: Option<Node<'a>>, second: Option<Node<'a>>) {
        if let (Some(first), Some(second)) = (first, second) {
            let [first, second] = [first, second].map(|node| self.ordering.representative(node));
            if first != second {
                self.all.insert((first, second));
            }
        }
    }
}

/// Sorts the nodes by the edges, and by rank where those leave a choice. Where the edges contradict each
/// other, a node that gives way is returned instead; if there is none, rank decides.
fn sorted<'a>(
    nodes: &BTreeSet<Node<'a>>,
    edges: BTreeSet<(Node<'a>, Node<'a>)>,
    gives_way: impl Fn(Node<'a>) -> bool,
) -> Result<Vec<Node<'a>>, Node<'a>> {
    let mut before: BTreeMap<Node<'a>, usize> = nodes.iter().map(|node| (*node, 0)).collect();
    let mut behind: BTreeMap<Node<'a>, Vec<Node<'a>>> = BTreeMap::new();
    for (first, second) in edges {
        if let Some(count) = before.get_mut(&second) {
            *count += 1;
            behind.entry(first).or_default().push(second);
        }
    }
    let mut ready: BTreeSet<_> = before
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(node, _)| (rank(*node), *node))
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while !before.is_empty() {
        let next = match ready.pop_first() {
            Some((_, node)) => Some(node),
            None => break_circle(&before, &behind, &gives_way)?,
        };
        let Some(next) = next else { break };
        if before.remove(&next).is_none() {
            continue;
        }
        order.push(next);
        for node in behind.get(&next).into_iter().flatten() {
            if let Some(count) = before.get_mut(node) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert((rank(*node), *node));
                }
            }
        }
    }
    Ok(order)
}

/// The node that comes next though others that are left should come before it; the one that gives way, if
/// there is one.
fn break_circle<'a>(
    left: &BTreeMap<Node<'a>, usize>,
    behind: &BTreeMap<Node<'a>, Vec<Node<'a>>>,
    gives_way: &impl Fn(Node<'a>) -> bool,
) -> Result<Option<Node<'a>>, Node<'a>> {
    let is_circular = |node: &Node<'a>| is_in_circle(*node, left, behind);
    let circular: Vec<Node<'a>> = left.keys().copied().filter(is_circular).collect();
    // The outermost, on which the least of the others stands.
    let giving = circular.iter().copied().filter(|node| gives_way(*node));
    match giving.max_by_key(|node| rank(*node)) {
        Some(stuck) => Err(stuck),
        None => Ok(circular.into_iter().min_by_key(|node| (rank(*node), *node))),
    }
}

/// Whether a node comes before itself, by way of nodes that are left.
fn is_in_circle<'a>(
    node: Node<'a>,
    left: &BTreeMap<Node<'a>, usize>,
    behind: &BTreeMap<Node<'a>, Vec<Node<'a>>>,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![node];
    while let Some(next) = open.pop() {
        for after in behind.get(&next).into_iter().flatten() {
            if *after == node {
                return true;
            }
            if left.contains_key(after) && seen.insert(*after) {
                open.push(*after);
            }
        }
    }
    false
}

/// Whether a drop says which types it is about, so that they have to be there by their names.
fn is_named_by_types(address: &Address) -> bool {
    matches!(address.kind, Kind::Function | Kind::Operator | Kind::Cast)
}

/// Where a node stands when nothing else decides: first what goes, from the outside in, then what
/// comes, from the inside out.
fn rank((verb, address): Node<'_>) -> (u8, i8) {
    let place = place(address);
    match verb {
        // Labels of enum types need a commit of their own.
        Verb::Alter if address.kind == Kind::EnumType => (0, place),
        Verb::Drop => (1, -place),
        Verb::Alter | Verb::Create => (2, place),
        Verb::Finish => (3, place),
    }
}

fn place(address: &Address) -> i8 {
    match &address.part {
        Part::Comment(_) => return 30,
        Part::Setting(_) => return 22,
        Part::Default(_) => return 10,
        Part::Column(_) => return 9,
        Part::NotNull(_) => return 10,
        Part::Identity(_) => return 11,
        Part::Constraint(_) => return 12,
        Part::Parent(_) => return 13,
        Part::Whole => {}
    }
    match address.kind {
        Kind::Schema => 0,
        Kind::Extension => 1,
        Kind::Collation => 2,
        Kind::EnumType | Kind::CompositeType | Kind::RangeType | Kind::Domain => 3,
        Kind::TextSearchDictionary => 3,
        Kind::TextSearchConfiguration => 4,
        Kind::Sequence => 5,
        Kind::Function => 6,
        Kind::Operator => 7,
        Kind::Cast => 7,
        Kind::ForeignServer => 7,
        Kind::Table => 8,
        Kind::ForeignTable => 9,
        Kind::Index => 14,
        Kind::Statistics => 15,
        Kind::View => 16,
        Kind::Rule => 17,
        Kind::Trigger => 18,
        Kind::Policy => 19,
        Kind::Owner => 24,
        Kind::Privilege => 25,
        Kind::Publication => 26,
        Kind::EventTrigger => 27,
    }
}
