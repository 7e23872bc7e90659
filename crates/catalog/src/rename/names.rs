//! How alike two names are, by the words they are made of and by their letters.

/// Returns the words of a name in lower case: `userId`, `user_id` and `UserID` are all `user`, `id`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None::<char>;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let follows_small = before.is_some_and(|it| it.is_lowercase() || it.is_numeric());
        let ends_capitals = before.is_some_and(char::is_uppercase)
            && letters.peek().is_some_and(|next| next.is_lowercase());
        let starts = match before {
            None => true,
            Some(it) => {
                !it.is_alphanumeric() || letter.is_uppercase() && (follows_small || ends_capitals)
            }
        };
        if letter.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !starts => word.extend(letter.to_lowercase()),
                Some(_) | None => words.push(letter.to_lowercase().collect()),
            }
        }
        before = Some(letter);
    }
    words
}

/// How alike two names are, in percent: 100 when they have the same words.
pub(super) fn likeness(one: &str, other: &str) -> u32 {
    let (one, other) = (words(one), words(other));
    if one.concat() == other.concat() {
        return 100;
    }
    by_words(&one, &other).max(by_letters(&one.concat(), &other.concat()))
}

/// The share of the letters that are in words of both; a name that holds the other one whole is like it.
fn by_words(one: &[String], other: &[String]) -> u32 {
    let length = |words: &[String]| -> usize { words.iter().map(String::len).sum() };
    let mut left = other.to_vec();
    let mut common = 0;
    for word in one {
        if let Some(at) = left.iter().position(|candidate| same_word(word, candidate)) {
            common += 2 * left.swap_remove(at).len().min(word.len());
        }
    }
    let whole = length(one) + length(other);
    let is_held = left.is_empty() || common == 2 * length(one);
    percent(common, whole).max(if is_held && common > 4 { 60 } else { 0 })
}

/// Whether two words are the same but for their number or a short form.
fn same_word(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    one == other
        || long.starts_with(short) && (short.len() >= 4 || short.len() == 3 && long.len() <= 6)
}

/// The share of the pairs of neighbouring letters that both have.
fn by_letters(one: &str, other: &str) -> u32 {
    let pairs =
        |name: &str| -> Vec<(char, char)> { name.chars().zip(name.chars().skip(1)).collect() };
    let (one, mut left) = (pairs(one), pairs(other));
    let whole = one.len() + left.len();
    let mut common = 0;
    for pair in one {
        if let Some(at) = left.iter().position(|candidate| *candidate == pair) {
            left.swap_remove(at);
            common += 2;
        }
    }
    percent(common, whole)
}

/// A share in percent; nothing of nothing is nothing.
pub(super) fn percent(part: usize, whole: usize) -> u32 {
    let share = (part * 100).checked_div(whole).unwrap_or(0);
    u32::try_from(share).unwrap_or(100).min(100)
}

#[cfg(test)]
mod tests {
    use super::{likeness, words};

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("userID"), ["user", "id"]);
        assert_eq!(words("_user__id2"), ["user", "id2"]);
        assert_eq!(words("HTTPServerName"), ["http", "server", "name"]);
        assert_eq!(words("").len(), 0);
    }

    #[test]
    fn likeness_goes_by_words_and_letters() {
        assert_eq!(likeness("user_id", "userId"), 100);
        assert!(likeness("role", "deprecatedRole") >= 60);
        assert!(likeness("colour", "color") >= 60);
        assert!(likeness("name", "fullName") >= 60);
        assert!(likeness("email", "height") < 30);
        assert_eq!(likeness("a", "b"), 0);
    }
}
