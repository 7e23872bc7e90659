//! Schemas to be drawn: areas of a shop, each with a table that the others of it refer to.

use std::fmt::Write as _;

/// The areas, and what their tables are called behind the area's name.
const AREAS: &[(&str, &str)] = &[
    ("Account", "Profile Session Device Token Login Preference Consent Recovery Invitation Role"),
    ("Catalog", "Product Variant Price Category Image Attribute Option Bundle Review Tag"),
    ("Order", "Item Payment Refund Discount Address Note Status Tax Gift Return"),
    ("Stock", "Warehouse Shelf Movement Reservation Count Supplier Delivery Batch Threshold Audit"),
    ("Shipment", "Parcel Label Carrier Rate Zone Pickup Event Claim Route Manifest"),
    ("Invoice", "Line Reminder Credit Export Period Ledger Booking Currency Rounding Archive"),
    ("Support", "Ticket Message Attachment Agent Queue Macro Rating Escalation Topic Answer"),
    ("Campaign", "Segment Mail Template Click Bounce Coupon Landing Budget Variant Goal"),
    ("Content", "Page Block Menu Asset Revision Translation Redirect Draft Comment Author"),
    ("Search", "Index Synonym Query Facet Boost Result Crawl Filter Term Stopword"),
];

/// The plain columns, in turn.
const COLUMNS: &[&str] = &[
    "name String",
    "description String?",
    "createdAt DateTime @default(now())",
    "updatedAt DateTime @updatedAt",
    "amount Decimal @db.Decimal(12, 2)",
    "position Int @default(0)",
    "isActive Boolean @default(true)",
    "metadata Json?",
    "externalReference String? @unique",
];

/// A schema of so many tables. The names repeat with a number when they are used up.
#[expect(clippy::indexing_slicing, reason = "the numbers are those of the same lists")]
pub(super) fn schema(tables: usize) -> String {
    let mut text = String::from(
        "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n",
    );
    // For each model its name, its columns, and the fields of those that refer to it.
    let mut models: Vec<(String, Vec<String>)> = Vec::new();
    let mut cores: Vec<usize> = Vec::new();
    let (mut area, mut part) = (0, 0);
    for at in 0..tables {
        let (name, parts) = AREAS[area % AREAS.len()];
        let parts: Vec<&str> = parts.split(' ').collect();
        let round = area / AREAS.len();
        let number = if round == 0 { String::new() } else { round.to_string() };
        let is_core = part == 0;
        let model = if is_core {
            format!("{name}{number}")
        } else {
            format!("{name}{number}{}", parts[(part - 1) % parts.len()])
        };
        let mut lines = vec!["id String @id @default(uuid())".to_owned()];
        for column in 0..2 + (at * 7) % 6 {
            lines.push(COLUMNS[(at + column) % COLUMNS.len()].to_owned());
        }
        models.push((model, lines));
        let mut refer = |to: usize, field: &str, is_required: bool| {
            let mark = if is_required { "" } else { "?" };
            let relation = format!("{}_{field}", models[at].0);
            let target = models[to].0.clone();
            let own = models[at].0.clone();
            models[at].1.push(format!("{field}Id String{mark}"));
            models[at].1.push(format!(
                "{field} {target}{mark} @relation(\"{relation}\", fields: [{field}Id], references: [id])"
            ));
            models[to].1.push(format!("{relation} {own}[] @relation(\"{relation}\")"));
        };
        if is_core {
            if let Some(&other) = cores.get(at % cores.len().max(1)) {
                refer(other, "owner", at % 2 == 0);
            }
            cores.push(at);
        } else {
            refer(at - part, "parent", true);
            if part > 3 && at % 3 == 0 {
                refer(at - 2, "previous", false);
            }
            if at % 5 == 0 {
                refer(0, "account", at % 2 == 0);
            }
            if at % 11 == 0 {
                refer(at, "twin", false);
            }
        }
        part += 1;
        if part > 6 + area % 5 {
            (area, part) = (area + 1, 0);
        }
    }
    for (name, lines) in models {
        let _ = writeln!(text, "\nmodel {name} {{\n  {}\n}}", lines.join("\n  "));
    }
    text
}
