//! What is done to which element.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Address, Alteration, Catalog, Conversion, Element, Kind, Pair, Part, alter};

use super::Verb;

/// The elements of one catalog.
pub(super) type Elements = BTreeMap<Address, Element>;

/// What is done to which element.
pub(super) struct Decisions {
    /// What is done to each element; one that is dropped and made again has both verbs.
    pub(super) done: BTreeMap<Address, BTreeSet<Verb>>,
    /// What is made anew though there is a way to alter it.
    pub(super) anew: BTreeSet<Address>,
    /// How elements are altered.
    pub(super) alterations: BTreeMap<Address, Alteration>,
    /// How the values of types that are made anew become values of the new ones.
    pub(super) conversions: BTreeMap<Address, Conversion>,
    /// What cannot be dropped by itself but goes with what it is tied to.
    pub(super) carried_off: BTreeSet<Address>,
    /// What holds data and so stays, though something that it needs has to go: the one and the other.
    pub(super) blocked: BTreeSet<(Address, Address)>,
}

impl Decisions {
    /// Compares the elements, and follows what changes to all that cannot stay meanwhile. What is to be
    /// made anew is not altered in place, though there is a way.
    pub(super) fn of(
        catalogs: Pair<&Catalog>,
        elements: Pair<&Elements>,
        anew: BTreeSet<Address>,
    ) -> Self {
        let mut deciding = Deciding {
            catalogs,
            elements,
            dependents: dependents(elements.actual),
            followers: followers(elements.actual),
            companions: companions(elements.desired),
            anew,
            dropped: BTreeSet::new(),
            alterations: BTreeMap::new(),
            swapped: BTreeSet::new(),
            carried_off: BTreeSet::new(),
            blocked: BTreeSet::new(),
            open: Vec::new(),
        };
        deciding.compare();
        deciding.compare_constraints_of_domains();
        deciding.follow();
        deciding.decisions()
    }
}

/// What needs each element.
fn dependents(elements: &Elements) -> BTreeMap<&Address, BTreeSet<&Address>> {
    let mut dependents: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for element in elements.values() {
        for needed in element.needs.iter().chain(&element.within) {
            if let Some((needed, _)) = elements.get_key_value(needed)
                && *needed != element.address
            {
                dependents.entry(needed).or_default().insert(&element.address);
            }
        }
    }
    dependents
}

/// What is dropped along with each element as long as a partition stays in its place.
fn followers(elements: &Elements) -> BTreeMap<&Address, Vec<&Element>> {
    let mut followers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for element in elements.values() {
        if let Some(follows) = element.follows.as_ref().filter(|follows| follows.drops) {
            followers.entry(&follows.leader).or_default().push(element);
        }
    }
    followers
}

/// What is made along with each element.
fn companions(elements: &Elements) -> BTreeMap<&Address, Vec<&Element>> {
    let mut companions: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for element in elements.values() {
        if let Some(whole) = &element.comes_with {
            companions.entry(whole).or_default().push(element);
        }
    }
    companions
}

struct Deciding<'a> {
    catalogs: Pair<&'a Catalog>,
    elements: Pair<&'a Elements>,
    dependents: BTreeMap<&'a Address, BTreeSet<&'a Address>>,
    followers: BTreeMap<&'a Address, Vec<&'a Element>>,
    companions: BTreeMap<&'a Address, Vec<&'a Element>>,
    /// What is not altered though there is a way.
    anew: BTreeSet<Address>,
    dropped: BTreeSet<&'a Address>,
    alterations: BTreeMap<Address, Alteration>,
    /// Types that are made anew while columns hold values of the old one.
    swapped: BTreeSet<&'a Address>,
    carried_off: BTreeSet<Address>,
    blocked: BTreeSet<(Address, Address)>,
    /// What is dropped or retyped, and not yet followed.
    open: Vec<&'a Address>,
}

impl<'a> Deciding<'a> {
    fn compare(&mut self) {
        let Pair { actual: all_actual, desired: all_desired } = self.elements;
        for (address, actual) in all_actual {
            let Some(desired) = all_desired.get(address) else {
                self.drop(address);
                continue;
            };
            if actual.sameness == desired.sameness {
                continue;
            }
            let alteration = alter(self.catalogs, Pair::new(actual, desired));
            match alteration.filter(|_| !self.anew.contains(address)) {
                None if address.kind == Kind::CompositeType && address.is_column() => {
                    self.remake_type_of(address);
                }
                Some(alteration) if alteration.retypes && self.is_of_held_type(address) => {
                    self.remake_type_of(address);
                }
                Some(alteration) => self.alter(address, alteration),
                // The order of attributes, like that of columns, is not worth it to write all values anew.
                None if address.kind == Kind::CompositeType
                    && self.stays_held(address)
                    && !self.has_rows(address) => {}
                None => self.remake(address),
            }
        }
    }

    /// Whether it is an attribute of a type of which columns hold values.
    fn is_of_held_type(&self, address: &Address) -> bool {
        address.kind == Kind::CompositeType
            && address.is_column()
            && self.is_held(&address.object())
    }

    /// Domains get a constraint while columns hold their values, but not while those are inside of
    /// other values.
    fn compare_constraints_of_domains(&mut self) {
        for address in self.elements.desired.keys() {
            let is_constraint = address.kind == Kind::Domain
                && matches!(address.part, Part::Constraint(_) | Part::NotNull(_));
            if is_constraint && self.is_made(address) && self.is_held_inside(&address.object()) {
                self.remake_type_of(address);
            }
        }
    }

    /// Whether a desired element is made: it is not there, or is dropped first.
    fn is_made(&self, address: &Address) -> bool {
        !self.elements.actual.contains_key(address) || self.dropped.contains(address)
    }

    fn remake_type_of(&mut self, address: &Address) {
        let all: &'a Elements = self.elements.actual;
        if let Some((whole, _)) = all.get_key_value(&address.object()) {
            self.remake(whole);
        }
    }

    fn drop(&mut self, address: &'a Address) {
        if self.dropped.insert(address) {
            self.alterations.remove(address);
            self.open.push(address);
        }
    }

    fn alter(&mut self, address: &'a Address, alteration: Alteration) {
        if alteration.retypes {
            self.open.push(address);
        }
        self.alterations.insert(address.clone(), alteration);
    }

    /// Drops an element that is made again; a type of which columns hold values is swapped instead.
    fn remake(&mut self, address: &'a Address) {
        let can_be_swapped = |element: &Element| element.swap.is_some();
        if self.elements.desired.get(address).is_some_and(can_be_swapped) && self.is_held(address) {
            if self.swapped.insert(address) {
                self.open.push(address);
            }
        } else {
            self.drop(address);
        }
    }

    /// Drops what needs the other one, to be made again where it is wanted; not if that would destroy
    /// data that is to stay.
    fn remake_for(&mut self, address: &'a Address, needed: &Address) {
        let is_to_stay = self.elements.desired.contains_key(address);
        let is_attribute = address.kind == Kind::CompositeType && address.is_column();
        // By itself, it would come back behind the other attributes.
        let whole = address.object();
        if is_attribute && !self.dropped.contains(&whole) && (is_to_stay || self.is_held(&whole)) {
            if !self.swapped.contains(&whole) {
                self.remake_type_of(address);
            }
            return;
        }
        let loses_data = self
            .elements
            .actual
            .get(address)
            .is_some_and(|element| element.holds_data && !element.within.contains(needed));
        if is_to_stay && loses_data && !self.dropped.contains(address) {
            self.blocked.insert((address.clone(), needed.clone()));
        } else {
            self.remake(address);
        }
    }

    /// The columns that hold values of a type, before and after.
    fn holders(&self, r#type: &Address) -> impl Iterator<Item = &'a Address> {
        let dependents = self.dependents.get(r#type).into_iter().flatten().copied();
        let desired = self.elements.desired;
        dependents.filter(move |address| {
            address.kind == Kind::Table && address.is_column() && desired.contains_key(*address)
        })
    }

    /// Whether columns hold values of a type, be it inside of values of other types.
    fn is_held(&self, r#type: &Address) -> bool {
        self.holders(r#type).next().is_some()
            || self.types_over(r#type).any(|over| self.is_held(&over.object()))
    }

    /// Whether columns that hold values of a type go on doing so.
    fn stays_held(&self, r#type: &Address) -> bool {
        let desired = self.elements.desired;
        let stays = |above: &&Address| {
            let needs = |address: &Address| address.object() == r#type.object();
            desired.get(*above).is_some_and(|element| element.needs.iter().any(needs))
        };
        self.holders(r#type).any(|column| stays(&column))
            || self.types_over(r#type).filter(stays).any(|over| self.stays_held(&over.object()))
    }

    /// Whether an expression gives values of a type by their place.
    fn has_rows(&self, r#type: &Address) -> bool {
        let desired = self.elements.desired.values();
        desired
            .filter(|element| element.needs.contains(r#type) && !element.address.is_column())
            .any(|element| element.sameness.contains("ROW("))
    }

    /// Whether columns hold values of a type inside of arrays, rows or ranges.
    fn is_held_inside(&self, r#type: &Address) -> bool {
        let wraps = |address: &Address| {
            self.elements.actual.get(address).is_some_and(|element| element.wraps)
        };
        self.holders(r#type).any(wraps)
            || self.types_over(r#type).any(|over| {
                let object = over.object();
                if wraps(over) { self.is_held(&object) } else { self.is_held_inside(&object) }
            })
    }

    /// The domains, attributes and ranges that are made of a type.
    fn types_over(&self, r#type: &Address) -> impl Iterator<Item = &'a Address> {
        let object = r#type.object();
        let dependents = self.dependents.get(r#type).into_iter().flatten().copied();
        dependents.filter(move |address| match &address.part {
            Part::Column(_) => address.kind == Kind::CompositeType && address.object() != object,
            Part::Whole => matches!(address.kind, Kind::Domain | Kind::RangeType),
            Part::Default(_)
            | Part::NotNull(_)
            | Part::Identity(_)
            | Part::Constraint(_)
            | Part::Parent(_)
            | Part::Setting(_)
            | Part::Comment(_) => false,
        })
    }

    /// Follows what is done to what needs it, until nothing more has to be done.
    fn follow(&mut self) {
        loop {
            while let Some(address) = self.open.pop() {
                if self.dropped.contains(address) {
                    self.follow_drop(address);
                } else if self.swapped.contains(address) {
                    self.follow_swap(address);
                } else {
                    self.follow_retyping(address);
                }
            }
            self.follow_bindings();
            self.follow_alterations();
            self.follow_names();
            self.follow_places();
            self.follow_meetings();
            if self.open.is_empty() {
                return;
            }
        }
    }

    fn dependents_of(&self, address: &Address) -> Vec<&'a Address> {
        self.dependents.get(address).into_iter().flatten().copied().collect()
    }

    /// Whether an element can be altered while the other one is still there, so that it no longer
    /// needs that.
    fn gets_by_without(&self, dependent: &Address, needed: &Address) -> bool {
        if self.alterations.get(dependent).is_none_or(|alteration| alteration.keeps_needs) {
            return false;
        }
        // What takes the other one's place comes too late, and so does what is itself made again or gets
        // another type after the other one has gone, unless that is made beside the old one.
        let slots = self.elements.actual.get(needed).map_or(&[][..], |element| &element.slots);
        let takes_its_place = |address: &Address| {
            let successor = self.elements.desired.get(address);
            successor.is_some_and(|element| element.slots.iter().any(|slot| slots.contains(slot)))
        };
        let comes_too_late = |address: &Address| {
            let is_retyped = || self.alterations.get(address).is_some_and(|it| it.retypes);
            !self.is_swapped(address)
                && (self.dropped.contains(address) || is_retyped())
                && self.stands_on(needed, address)
        };
        let is_it = |address: &Address| self.leaders(address).any(|leader| leader == needed);
        !self
            .ground_of(dependent)
            .into_iter()
            .any(|below| is_it(below) || takes_its_place(below) || comes_too_late(below))
    }

    /// An element, and the ones of the parents with which it does all things.
    fn leaders<'b>(&'b self, address: &'b Address) -> impl Iterator<Item = &'b Address> {
        let elements = self.elements.actual;
        std::iter::successors(Some(address), |one| {
            Some(&elements.get(one)?.follows.as_ref()?.leader)
        })
    }

    /// Whether an element is of a type that is made anew beside the old one.
    fn is_swapped(&self, address: &Address) -> bool {
        self.swapped.contains(&address.object())
    }

    /// All that comes before a desired element, be it by way of others.
    fn ground_of(&self, element: &Address) -> BTreeSet<&'a Address> {
        let desired: &'a Elements = self.elements.desired;
        let mut ground = BTreeSet::new();
        let mut open: Vec<&'a Element> = desired.get(element).into_iter().collect();
        while let Some(element) = open.pop() {
            let Element { address, needs, within, after, made_after, not_before, .. } = element;
            let is_made = self.is_made(address);
            let made_after = made_after.iter().chain(not_before).filter(|_| is_made);
            for companion in self.companions.get(address).into_iter().flatten().filter(|_| is_made)
            {
                if ground.insert(&companion.address) {
                    open.push(companion);
                }
            }
            for needed in needs.iter().chain(within).chain(after).chain(made_after) {
                let Some((needed, element)) = desired.get_key_value(needed) else { continue };
                if ground.insert(needed) {
                    open.push(element);
                }
            }
        }
        ground
    }

    /// Whether an element, or a part of it, needs another one, be it by way of others.
    fn stands_on(&self, element: &Address, ground: &Address) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![ground.clone()];
        while let Some(address) = open.pop() {
            if address.object() == element.object() {
                return true;
            }
            let over = self.dependents_of(&address).into_iter();
            for above in over.chain(self.dependents_of(&address.object())) {
                if seen.insert(above) {
                    open.push(above.clone());
                }
            }
        }
        false
    }

    /// What is altered to need something else cannot do so in time when that is made again.
    fn follow_alterations(&mut self) {
        let altered: Vec<&'a Address> = {
            let all: &'a Elements = self.elements.actual;
            let addresses = self.alterations.keys();
            addresses.filter_map(|address| Some(all.get_key_value(address)?.0)).collect()
        };
        for address in altered {
            let Some(element) = self.elements.actual.get(address) else { continue };
            let below = element.needs.iter().chain(&element.within);
            let gone = below.filter(|needed| self.dropped.contains(needed)).cloned();
            for needed in gone.collect::<Vec<Address>>() {
                if !self.dropped.contains(address) && !self.gets_by_without(address, &needed) {
                    self.remake_for(address, &needed);
                }
            }
        }
    }

    fn follow_drop(&mut self, address: &'a Address) {
        for dependent in self.dependents_of(address) {
            if !self.gets_by_without(dependent, address) {
                self.remake_for(dependent, address);
            }
        }
        for follower in self.followers.get(address).cloned().unwrap_or_default() {
            let via = follower.follows.as_ref().map(|follows| &follows.via);
            if via.is_some_and(|via| {
                !self.dropped.contains(via) && self.elements.desired.contains_key(via)
            }) {
                self.remake(&follower.address);
            }
        }
    }

    fn follow_retyping(&mut self, address: &'a Address) {
        for dependent in self.dependents_of(address) {
            let survives = self
                .elements
                .actual
                .get(dependent)
                .is_some_and(|element| element.survives_retyping);
            if !survives && !self.gets_by_without(dependent, address) {
                self.remake_for(dependent, address);
            }
        }
    }

    /// The columns move to the new type, whatever else needs the old one is made again.
    fn follow_swap(&mut self, address: &'a Address) {
        let holders: BTreeSet<&Address> = self.holders(address).collect();
        for dependent in self.dependents_of(address) {
            if holders.contains(dependent) {
                if let Some(alteration) = self.elements.desired.get(dependent).and_then(|element| {
                    let columns = Pair::new(self.elements.actual.get(dependent)?, element);
                    catalog::move_column(self.catalogs, columns)
                }) && !self.dropped.contains(dependent)
                {
                    self.alter(dependent, alteration);
                }
            } else if !self.gets_by_without(dependent, address) {
                self.remake_for(dependent, address);
            }
        }
    }

    /// An index of a partition and that of its parent go together, unless the partition leaves.
    fn follow_bindings(&mut self) {
        let all: &'a Elements = self.elements.actual;
        for element in all.values() {
            let Some(binding) = &element.binds else { continue };
            if binding.unless.iter().any(|address| self.dropped.contains(address)) {
                continue;
            }
            let is_undone = [&element.address, &binding.child, &binding.parent]
                .into_iter()
                .any(|address| self.dropped.contains(address));
            if !is_undone {
                continue;
            }
            for end in [&binding.parent, &binding.child] {
                if let Some((end, _)) = all.get_key_value(end) {
                    self.drop(end);
                }
            }
            self.carried_off.insert(binding.child.clone());
        }
    }

    /// What is made needs its name, which PostgreSQL may have given to something that came with another
    /// element: that makes it anew, under another name.
    fn follow_names(&mut self) {
        let all: &'a Elements = self.elements.actual;
        let is_taker = |element: &&'a Element| {
            let takes = |element: &Element| !element.may_take.is_empty();
            takes(element) || self.elements.desired.get(&element.address).is_some_and(takes)
        };
        let takers: Vec<&Element> = all.values().filter(is_taker).collect();
        if takers.is_empty() {
            return;
        }
        let made = self.elements.desired.values().filter(|element| self.is_made(&element.address));
        let names: BTreeSet<&str> =
            made.flat_map(|element| &element.slots).map(String::as_str).collect();
        for element in takers {
            let is_in_the_way = |element: &Element| {
                element.may_take.iter().any(|name| names.contains(name.as_str()))
            };
            // It takes more names when more partitions come.
            let desired = self.elements.desired.get(&element.address);
            let comes_in_the_way = desired.is_some_and(|desired| {
                desired.may_take != element.may_take && is_in_the_way(desired)
            });
            if (is_in_the_way(element) || comes_in_the_way)
                && !self.dropped.contains(&element.address)
            {
                self.remake(&element.address);
            }
        }
    }

    /// What must not be there while something is made is made anew after that.
    fn follow_places(&mut self) {
        let Pair { actual, desired } = self.elements;
        for element in desired.values().filter(|element| !element.not_before.is_empty()) {
            let Some((address, _)) = actual.get_key_value(&element.address) else { continue };
            if !self.dropped.contains(address)
                && element.not_before.iter().any(|place| self.is_made(place))
            {
                self.remake(address);
            }
        }
    }

    /// What a table has from the parent that it joins has to be the same as the parent's.
    fn follow_meetings(&mut self) {
        let Pair { actual, desired } = self.elements;
        for (address, element) in desired {
            let joins = |via: &Address| {
                let whole = desired.get(via).and_then(|it| it.comes_with.as_ref());
                self.is_made(via) && !whole.is_some_and(|whole| self.is_made(whole))
            };
            let Some(follows) = element.follows.as_ref().filter(|it| joins(&it.via)) else {
                continue;
            };
            for end in [address, &follows.leader] {
                if let Some((end, _)) = actual.get_key_value(end).filter(|(_, it)| it.unsettled)
                    && !self.dropped.contains(end)
                {
                    self.remake(end);
                }
            }
        }
    }

    fn decisions(self) -> Decisions {
        // What was in the way may have been altered since.
        let is_blocked = |(address, needed): &(Address, Address)| {
            !self.dropped.contains(address) && !self.gets_by_without(address, needed)
        };
        let blocked = self.blocked.iter().filter(|one| is_blocked(one)).cloned().collect();
        let Self { catalogs, elements, anew, dropped, alterations, swapped, carried_off, .. } =
            self;
        let mut done: BTreeMap<Address, BTreeSet<Verb>> = BTreeMap::new();
        let mut add = |address: &Address, verb| {
            done.entry(address.clone()).or_default().insert(verb);
        };
        for address in &dropped {
            add(address, Verb::Drop);
        }
        for address in elements.desired.keys() {
            if dropped.contains(address) || !elements.actual.contains_key(address) {
                add(address, Verb::Create);
            }
        }
        for address in alterations.keys() {
            add(address, Verb::Alter);
        }
        let mut conversions = BTreeMap::new();
        for address in swapped {
            add(address, Verb::Alter);
            add(address, Verb::Finish);
            conversions.insert(address.clone(), catalog::conversion(catalogs, address));
        }
        Decisions { done, anew, alterations, conversions, carried_off, blocked }
    }
}
