//! A schema with a few mistakes in it, as people make them.

use crate::judge::Choices;

/// Numbers that look like chance and are the same each time.
pub(super) struct Chance {
    choices: Choices,
    asked: usize,
}

impl Chance {
    /// Where they come from.
    pub(super) fn new(seed: u64) -> Self {
        Self { choices: Choices { seed, change: None }, asked: 0 }
    }

    /// A number below a limit; zero if there is none.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.asked += 1;
        self.choices.below(&self.asked.to_string(), limit)
    }

    fn one_of<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// Words that mean something somewhere in a schema.
const WORDS: &[&str] = &[
    "@id",
    "@unique",
    "@default(now())",
    "@default(autoincrement())",
    "@default(uuid())",
    "@default(cuid(1))",
    "@default(dbgenerated())",
    "@default(\"x\")",
    "@default(1)",
    "@default(true)",
    "@default([])",
    "@updatedAt",
    "@map(\"x\")",
    "@map(\"\")",
    "@map(name: \"x\")",
    "@@map(\"x\")",
    "@ignore",
    "@@ignore",
    "@db.VarChar(10)",
    "@db.Text",
    "@db.Uuid",
    "@db.Timestamptz(6)",
    "@db.Decimal(10, 2)",
    "@db.VarChar(0)",
    "@db.Bit(3)",
    "@db.Foo",
    "@relation(\"R\")",
    "@relation(fields: [id], references: [id])",
    "@relation(onDelete: Cascade)",
    "@relation(fields: [id], references: [id], onDelete: SetNull)",
    "@relation(map: \"fk\")",
    "@@id([id])",
    "@@unique([id])",
    "@@unique([id], name: \"u\", map: \"m\")",
    "@@index([id])",
    "@@index([id], type: Gin)",
    "@@index([id(sort: Desc, ops: raw(\"x\"))])",
    "@@index([id], type: Hash)",
    "@@index(fields: [])",
    "@@schema(\"public\")",
    "@@fulltext([id])",
    "@@unknown",
    "String",
    "Int",
    "BigInt",
    "Float",
    "Decimal",
    "Boolean",
    "DateTime",
    "Json",
    "Bytes",
    "Unsupported(\"x\")",
    "String?",
    "String[]",
    "Int[]",
    "Int?",
    "Int?[]",
    "model",
    "enum",
    "view",
    "type",
    "generator",
    "datasource",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "=",
    "?",
    "!",
    "@",
    "@@",
    ".",
    "\"",
    "\"x\"",
    "//",
    "///",
    "/* x */",
    "1",
    "-1",
    "1.5",
    "null",
    "true",
    "id",
    "x",
    "_x",
    "1x",
    "x-y",
    "Ä",
    "é",
];

/// Lines that a block may have.
const LINES: &[&str] = &[
    "  x String",
    "  x Int @id",
    "  x Int @unique",
    "  x Nothing",
    "  id Int",
    "  x DateTime @default(now()) @updatedAt",
    "  A",
    "  A @map(\"b\")",
    "  @@index([x])",
    "  @@id([x, y])",
    "  @@unique([x], map: \"u\")",
    "  @@map(\"t\")",
    "  provider = \"postgresql\"",
    "  url = env(\"X\")",
    "  extensions = [x]",
    "  schemas = [\"a\", \"b\"]",
    "  relationMode = \"prisma\"",
    "  previewFeatures = [\"views\"]",
    "  // comment",
    "  /// documentation",
    "",
    "}",
    "model M {",
    "enum E {",
    "view V {",
    "type T {",
    "model String {",
    "model M {\n  id Int @id\n}",
    "enum E {\n}",
    "model M {\n}",
    "  many M[]",
    "  one M?",
    "  one M @relation(fields: [id], references: [id])",
];

/// Makes one to three mistakes.
pub(super) fn mutate(text: &str, chance: &mut Chance) -> String {
    let mut text = text.to_owned();
    for _ in 0..=chance.below(3) {
        text = match chance.below(3) {
            0 => by_line(&text, chance),
            _ => by_word(&text, chance),
        };
    }
    text
}

/// A line lost, doubled, moved, or one that comes.
fn by_line(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let at = chance.below(lines.len());
    let line = lines.get(at).copied().unwrap_or_default();
    match chance.below(4) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, line),
        2 => {
            lines.remove(at);
            lines.insert(chance.below(lines.len() + 1), line);
        }
        _ => lines.insert(at, chance.one_of(LINES).copied().unwrap_or_default()),
    }
    lines.join("\n")
}

/// A word lost, doubled, changed for another of the schema or for one that means something, or one that comes.
fn by_word(text: &str, chance: &mut Chance) -> String {
    let mut words = words(text);
    let solid: Vec<usize> = (0..words.len())
        .filter(|at| words.get(*at).is_some_and(|it| !it.trim().is_empty()))
        .collect();
    let Some(at) = chance.one_of(&solid).copied() else { return text.to_owned() };
    let other = chance.one_of(&solid).and_then(|at| words.get(*at)).cloned().unwrap_or_default();
    let known = chance.one_of(WORDS).copied().unwrap_or_default().to_owned();
    match chance.below(6) {
        0 => drop(words.remove(at)),
        1 => words.insert(at, other),
        2 => words.insert(at, format!("{known} ")),
        3 => words.insert(at + 1, format!(" {known}")),
        4 => words.splice(at..=at, [other]).for_each(drop),
        _ => words.splice(at..=at, [known]).for_each(drop),
    }
    words.concat()
}

/// A text cut into words, signs and the space between them.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut last = None;
    for c in text.chars() {
        let now = class(c);
        match words.last_mut().filter(|_| last == Some(now) && now != 2) {
            Some(word) => word.push(c),
            None => words.push(c.to_string()),
        }
        last = Some(now);
    }
    words
}
