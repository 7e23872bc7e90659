# Homebrew's formula of undrift {version}, for a tap: made by `cargo xtask package`, not by hand.
class Undrift < Formula
  desc "Detects and repairs drift of PostgreSQL databases of Prisma projects"
  homepage "{homepage}"
  version "{version}"
  license any_of: ["MIT", "Apache-2.0"]

{platforms}
  def install
    bin.install "undrift"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/undrift.bash" => "undrift"
    zsh_completion.install "completions/_undrift"
    fish_completion.install "completions/undrift.fish"
    doc.install "LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-LICENCES.txt"
  end

  test do
    (testpath/"schema.prisma").write <<~PRISMA
      datasource db {
        provider = "postgresql"
      }
      model A {
        id Int @id
      }
    PRISMA
    system bin/"undrift", "validate", "--schema", "schema.prisma"
    assert_match version.to_s, shell_output("#{bin}/undrift version")
  end
end
