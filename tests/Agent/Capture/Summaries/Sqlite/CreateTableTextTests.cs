using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Summaries.Sqlite;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Sqlite;

public sealed class CreateTableTextTests
{
    [Theory]
    [InlineData("CREATE TABLE t(a,b)", "a b")]
    [InlineData("CREATE TABLE t ( -- a comment, with (brackets\n a INTEGER NOT NULL, -- Event's start\n b TEXT)", "a b")]
    [InlineData("CREATE TABLE t(id INTEGER NOT NULL PRIMARY KEY, value TEXT)", "id* value")]
    [InlineData("create table \"t\" (id integer primary key autoincrement)", "id*")]
    [InlineData("CREATE TABLE t(id INTEGER PRIMARY KEY DESC)", "id")]
    [InlineData("CREATE TABLE t(id INT PRIMARY KEY)", "id")]
    [InlineData("CREATE TABLE t(id INTEGER, v, PRIMARY KEY(id))", "id* v")]
    [InlineData("CREATE TABLE t(id INTEGER, depth INTEGER, PRIMARY KEY (id, depth))", "id depth")]
    [InlineData("CREATE TABLE t([a b] VARCHAR(10,2) DEFAULT (1+(2)), `c` CHECK (c > ',)'), \"d\"\"e\" /* , x */)", "a b c d\"e")]
    [InlineData("CREATE TABLE t(start INTEGER, end INTEGER, \"PRIMARY\" TEXT, UNIQUE(start), FOREIGN KEY(end) REFERENCES x(y))", "start end PRIMARY")]
    [InlineData("CREATE TABLE t(a) STRICT", "a")]
    public void Columns_are_found(string statement, string columns)
    {
        var table = CreateTableText.Parse("t", 2, statement);

        table.Refusal.Should().BeEmpty();
        string.Join(' ', table.Columns.Select(static column => column.Name + (column.IsRowId ? "*" : ""))).Should().Be(columns);
    }

    [Theory]
    [InlineData("CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID", "WITHOUT ROWID")]
    [InlineData("CREATE VIRTUAL TABLE t USING fts5(a)", "virtual")]
    [InlineData("CREATE TABLE t(a, b AS (a * 2))", "generated column 'b'")]
    [InlineData("CREATE TABLE t(a, b INT GENERATED ALWAYS AS (1) STORED)", "generated column 'b'")]
    [InlineData("CREATE TABLE t AS SELECT 1", "no list of columns")]
    [InlineData("CREATE TABLE t(a, (", "without a name")]
    [InlineData("CREATE TABLE t(a", "ends early")]
    [InlineData("", "no list of columns")]
    public void What_cannot_be_read_is_refused_in_words(string statement, string words) =>
        CreateTableText.Parse("t", 2, statement).Refusal.Should().NotBeEmpty().And.Contain(words);

    [Fact]
    public void Any_text_gives_a_table_or_a_refusal() => Prop.ForAll(
        Arb.From(Gen.Elements("CREATE TABLE t", "(", ")", ",", "a", "INTEGER", "PRIMARY KEY", "--", "/*", "*/", "\n", "'", "\"", "[", "]", " ", "WITHOUT", "CONSTRAINT").ListOf().Select(static parts => string.Concat(parts))),
        static text => CreateTableText.Parse("t", 1, text).Name.Should().Be("t")).Check(Fuzzing.Cases(100));
}
