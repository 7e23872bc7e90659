//! Names of fields made of names of models: `BlogPost` → `blogPost` → `blogPosts`.

/// Returns a name with its first word in lower case and without separators: `blogPost`.
pub(super) fn camel_case(name: &str) -> String {
    let mut camel_case = String::with_capacity(name.len());
    let mut starts_word = false;
    let mut follows_lower_case = false;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            starts_word = !camel_case.is_empty();
        } else if character.is_numeric() {
            camel_case.push(character);
            starts_word = true;
        } else if starts_word || (follows_lower_case && character.is_uppercase()) {
            camel_case.push(character.to_ascii_uppercase());
            starts_word = false;
        } else {
            camel_case.push(character.to_ascii_lowercase());
            follows_lower_case = character.is_lowercase();
        }
    }
    camel_case
}

/// Returns the plural of an English word, as far as words that models are named after need it.
///
/// What ends in `s` mostly is a plural already. The rules hold for the end of the name, and so only
/// for words that begin it or are written in lower case: `person` → `people`, `userPerson` →
/// `userPersons`.
pub(super) fn plural(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) {
        return word.to_owned();
    }
    if let Some((_, plural)) = WHOLE_WORDS.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    for (ending, replacement) in ENDINGS {
        if let Some(stem) = word.strip_suffix(ending) {
            return format!("{stem}{replacement}");
        }
    }
    let is_vowel = |c: char| "aeiou".contains(c);
    if let Some(stem) = word.strip_suffix('y') {
        if !stem.ends_with(is_vowel) {
            return format!("{stem}ies");
        }
    } else if let Some(stem) = word.strip_suffix("us") {
        // Virus, campus, status; but `menus` is a plural already.
        if !stem.is_empty() && !stem.ends_with(['a', 'o', 'u']) && !word.ends_with("nus")
            || word.ends_with("onus")
        {
            return format!("{word}es");
        }
    } else if word.ends_with("ese") && !word.trim_end_matches("ese").ends_with(is_vowel) {
        return word.to_owned();
    }
    let keeps_s = word.ends_with('s');
    format!("{word}{}", if keeps_s { "" } else { "s" })
}

/// Words that are their own plural.
const UNCOUNTABLE: [&str; 62] = [
    "advice",
    "aircraft",
    "baggage",
    "bread",
    "butter",
    "cash",
    "chinese",
    "deer",
    "education",
    "engineering",
    "equipment",
    "evidence",
    "flour",
    "food",
    "fuel",
    "furniture",
    "garbage",
    "gold",
    "hardware",
    "health",
    "help",
    "homework",
    "ice",
    "information",
    "jewelry",
    "knowledge",
    "leather",
    "literature",
    "logic",
    "luck",
    "luggage",
    "machinery",
    "management",
    "mathematics",
    "milk",
    "money",
    "music",
    "news",
    "patience",
    "poetry",
    "pollution",
    "pride",
    "punctuation",
    "racism",
    "reliability",
    "research",
    "rice",
    "safety",
    "scenery",
    "series",
    "sheep",
    "shopping",
    "sleep",
    "snow",
    "software",
    "species",
    "steam",
    "traffic",
    "transportation",
    "trust",
    "violence",
    "weather",
];

/// Plurals that no rule makes.
const WHOLE_WORDS: [(&str, &str); 15] = [
    ("child", "children"),
    ("die", "dice"),
    ("foot", "feet"),
    ("goose", "geese"),
    ("louse", "lice"),
    ("man", "men"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("person", "people"),
    ("quiz", "quizzes"),
    ("tooth", "teeth"),
    ("warmth", "warmth"),
    ("wealth", "wealth"),
    ("woman", "women"),
    ("yes", "yeses"),
];

/// Endings and what becomes of them, the longer before the shorter.
const ENDINGS: [(&str, &str); 66] = [
    ("alias", "aliases"),
    ("alumnus", "alumni"),
    ("bacillus", "bacilli"),
    ("cactus", "cacti"),
    ("focus", "foci"),
    ("fungus", "fungi"),
    ("locus", "loci"),
    ("nucleus", "nuclei"),
    ("octopus", "octopi"),
    ("radius", "radii"),
    ("stimulus", "stimuli"),
    ("syllabus", "syllabi"),
    ("terminus", "termini"),
    ("virus", "viri"),
    ("agendum", "agenda"),
    ("bacterium", "bacteria"),
    ("curriculum", "curricula"),
    ("datum", "data"),
    ("data", "data"),
    ("erratum", "errata"),
    ("millennium", "millennia"),
    ("stratum", "strata"),
    ("symposium", "symposia"),
    ("automaton", "automata"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("polyhedron", "polyhedra"),
    ("alga", "algae"),
    ("vertebra", "vertebrae"),
    ("cherub", "cherubim"),
    ("seraph", "seraphim"),
    ("appendix", "appendices"),
    ("codex", "codices"),
    ("index", "indices"),
    ("matrix", "matrices"),
    ("vertex", "vertices"),
    ("hero", "heroes"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("axis", "axes"),
    ("testis", "testes"),
    ("sis", "ses"),
    ("atlas", "atlases"),
    ("gas", "gases"),
    ("iris", "irises"),
    ("half", "halves"),
    ("self", "selves"),
    ("shelf", "shelves"),
    ("elf", "elves"),
    ("calf", "calves"),
    ("wolf", "wolves"),
    ("loaf", "loaves"),
    ("sheaf", "sheaves"),
    ("hoof", "hooves"),
    ("scarf", "scarves"),
    ("dwarf", "dwarves"),
    ("leaf", "leaves"),
    ("knife", "knives"),
    ("wife", "wives"),
    ("life", "lives"),
    ("quy", "quies"),
    ("ss", "sses"),
    ("zz", "zzes"),
    ("ch", "ches"),
    ("sh", "shes"),
    ("x", "xes"),
];
