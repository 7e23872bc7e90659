//! What becomes of a good schema.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use psl::{
    SourceFile,
    schema::{
        DefaultValue, InlineRelation, ManyToManyRelation, Predicate, Relation, Schema, UrlValue,
    },
};

const HEAD: &str = "datasource db {\n  provider = \"postgresql\"\n}\n";

fn load(files: &[&str]) -> Schema {
    let files: Vec<SourceFile> = files
        .iter()
        .zip(0..)
        .map(|(text, number)| SourceFile { path: format!("{number}.prisma"), text: (*text).into() })
        .collect();
    let loaded = psl::load(&files);
    assert_eq!(loaded.diagnostics, []);
    loaded.schema
}

fn resolve(text: &str) -> Schema {
    load(&[HEAD, text])
}

fn many_to_many(schema: &Schema) -> &ManyToManyRelation {
    match &schema.relations[0] {
        Relation::ManyToMany(relation) => relation,
        Relation::Inline(other) => panic!("{other:?}"),
    }
}

fn inline(schema: &Schema) -> Vec<&InlineRelation> {
    fn inline(relation: &Relation) -> Option<&InlineRelation> {
        match relation {
            Relation::Inline(relation) => Some(relation),
            Relation::ManyToMany(_) => None,
        }
    }
    schema.relations.iter().filter_map(inline).collect()
}

#[test]
fn a_many_to_many_relation_is_named_after_its_models_in_their_order() {
    let schema = resolve(
        "model Zebra {\n  id Int @id\n  as Ant[]\n}\nmodel Ant {\n  id Int @id\n  zs Zebra[]\n}\n",
    );
    let expected = ManyToManyRelation {
        name: "AntToZebra".to_owned(),
        model_a: "Ant".to_owned(),
        model_b: "Zebra".to_owned(),
    };
    assert_eq!(many_to_many(&schema), &expected);
    assert_eq!(schema.relations.len(), 1);
}

#[test]
fn a_many_to_many_relation_of_a_model_with_itself_is_one_relation() {
    let schema = resolve(
        "model A {\n  id Int @id\n  to A[] @relation(\"follows\")\n  by A[] @relation(\"follows\")\n}\n",
    );
    assert_eq!(many_to_many(&schema).name, "follows");
    assert_eq!(schema.relations.len(), 1);
}

#[test]
fn the_side_with_fields_holds_the_foreign_key() {
    let schema = resolve(
        "model A {\n  id Int @id\n  b B?\n}\n\
         model B {\n  id Int @id\n  aId Int? @unique @map(\"a_id\")\n  \
         a A? @relation(fields: [aId], references: [id], onDelete: Cascade, map: \"fk\")\n}\n",
    );
    let [relation] = inline(&schema)[..] else { panic!("{:?}", schema.relations) };
    assert_eq!((relation.model.as_str(), relation.field.as_str()), ("B", "a"));
    assert_eq!(relation.fields, ["aId"]);
    assert_eq!(relation.referenced_fields, ["id"]);
    assert_eq!(relation.map.as_deref(), Some("fk"));
    assert!(!relation.is_required);
    assert_eq!(schema.model("B").unwrap().field("aId").unwrap().database_name, "a_id");
}

#[test]
fn an_enum_default_is_the_label_in_the_database() {
    let schema = resolve(
        "enum E {\n  X @map(\"x y\")\n  Y\n}\n\
         model A {\n  id Int @id\n  e E @default(X)\n  es E[] @default([Y, X])\n}\n",
    );
    let label = |text: &str| DefaultValue::EnumLabel(text.to_owned());
    let model = schema.model("A").unwrap();
    assert_eq!(model.field("e").unwrap().default, Some(label("x y")));
    let list = DefaultValue::List(vec![label("Y"), label("x y")]);
    assert_eq!(model.field("es").unwrap().default, Some(list));
}

#[test]
fn name_is_the_database_name_of_an_index_but_not_of_a_unique_index() {
    let schema = resolve(
        "model A {\n  id Int @id\n  a Int\n  @@index([a], name: \"in_database\")\n  \
         @@unique([a, id], name: \"in_client\")\n}\n",
    );
    let maps: Vec<Option<&str>> =
        schema.models[0].indexes.iter().map(|index| index.map.as_deref()).collect();
    assert_eq!(maps, [Some("in_database"), None]);
}

#[test]
fn models_of_several_files_refer_to_each_other() {
    let schema = load(&[
        "model B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n}\n",
        HEAD,
        "model A {\n  id Int @id\n  bs B[]\n}\n",
    ]);
    let names: Vec<&str> = schema.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["B", "A"]);
    assert_eq!(schema.models[1].span.file.0, 2);
    assert_eq!(inline(&schema)[0].referenced_model, "A");
}

#[test]
fn the_datasource_is_read() {
    let schema = load(&["datasource pg {\n  provider = \"postgres\"\n  url = env(\"URL\")\n  \
         shadowDatabaseUrl = \"postgres://x\"\n  schemas = [\"b\", \"a\"]\n  \
         extensions = [zip, uuid(map: \"uuid-ossp\", schema: \"b\", version: \"1.1\")]\n}\n\
         generator g {\n  provider = \"x\"\n  previewFeatures = [\"postgresqlExtensions\"]\n}\n"]);
    let datasource = schema.datasource.unwrap();
    assert_eq!(datasource.name, "pg");
    assert_eq!(datasource.url, Some(UrlValue::Environment("URL".to_owned())));
    assert_eq!(datasource.schemas, ["a", "b"]);
    let extensions = datasource.extensions.unwrap();
    let names: Vec<&str> = extensions.iter().map(|one| one.database_name.as_str()).collect();
    assert_eq!(names, ["uuid-ossp", "zip"]);
    assert_eq!(extensions[0].version.as_deref(), Some("1.1"));
    assert!(schema.preview_features.contains("postgresqlExtensions"));
}

#[test]
fn a_partial_index_keeps_its_predicate() {
    let schema = resolve(
        "generator g {\n  provider = \"x\"\n  previewFeatures = [\"partialIndexes\"]\n}\n\
         model A {\n  id Int @id\n  a Int @unique(where: raw(\"a > 0\"))\n}\n",
    );
    let index = &schema.models[0].indexes[0];
    assert!(index.is_unique);
    assert_eq!(index.predicate, Some(Predicate::Raw("a > 0".to_owned())));
}
