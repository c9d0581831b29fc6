using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using Monitoring.Agent.Capture.Summaries.Sqlite;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Sqlite;

/// <summary>Files that SQLite itself wrote, with what SQLite itself says of them.</summary>
public sealed class RealSqliteTests : IDisposable
{
    private const string Script = """
        import sqlite3, sys, random
        path, page, encoding, vacuum = sys.argv[1:5]
        db = sqlite3.connect(path)
        db.execute(f"pragma page_size={page}"); db.execute(f"pragma encoding='{encoding}'"); db.execute(f"pragma auto_vacuum={vacuum}")
        db.execute("create table filler(a)")
        db.execute("create table t(id integer primary key, -- the row's number\n n integer, r real, s text, b blob)")
        db.execute("create index i on t(n)")
        rng = random.Random(5)
        for i in range(3000):
            n = rng.choice([None, 0, 1, -1, 127, -128, 40000, -8388608, 2**31, -2**40, 2**47, 2**63 - 1, -2**63])
            s = rng.choice([None, '', 'plain', 'k\u00e4se \U0001f600', 'x' * rng.randrange(3000)])
            if i == 1500: s = 'y' * 200000
            db.execute("insert into t values(?,?,?,?,?)", (i * 3 - 1000, n, rng.choice([None, 0.5, -1e300]), s, bytes(rng.randrange(40))))
            if i % 3 == 0: db.execute("insert into filler values(zeroblob(500))")
        db.execute("delete from filler"); db.execute("delete from t where id % 7 = 0")
        db.execute("alter table t add column late integer")
        db.commit()
        for row in db.execute("select id, n, r, length(s), unicode(substr(s, 6, 1)), late is null from t order by id"):
            print('|'.join('' if v is None else repr(v) for v in row))
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("sqlite-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("512", "UTF-8", "0")]
    [InlineData("1024", "UTF-16le", "1")]
    [InlineData("4096", "UTF-16be", "0")]
    [InlineData("65536", "UTF-8", "2")]
    public void What_SQLite_wrote_is_read_as_SQLite_reads_it(string page, string encoding, string vacuum)
    {
        var path = Path.Combine(folder, "real.sqlite");
        var expected = Python(path, page, encoding, vacuum);

        using var file = SqliteFile.Open(path);
        file.Header.PageSize.Should().Be(int.Parse(page, CultureInfo.InvariantCulture));
        var rows = file.Rows(file.Find("t")!, ["id", "n", "r", "s", "late"]);
        var text = new char[250_000];
        var place = 0;
        while (rows.Read())
        {
            var length = rows.Text(3, text);
            var said = text.AsSpan(0, length).ToString();
            var runes = said.EnumerateRunes().ToArray();
            string[] fields =
            [
                Said(rows.TryInteger(0, out var id) ? id : null), Said(rows.TryInteger(1, out var n) ? n : null), rows.TryReal(2, out var r) ? r == 0.5 ? "0.5" : r == -1e300 ? "-1e+300" : "?" : "",
                rows.IsNull(3) ? "" : Said(runes.Length), runes.Length > 5 ? Said(runes[5].Value) : "", "1",
            ];
            rows.IsNull(4).Should().BeTrue();
            string.Join('|', fields).Should().Be(expected[place++]);
        }
        place.Should().Be(expected.Length).And.BeGreaterThan(2000);
    }

    private static string Said(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string[] Python(params string[] arguments)
    {
        var start = new ProcessStartInfo(Requirement.Program("python3")) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Requirement.That(!errors.Result.Contains("No module named", StringComparison.Ordinal), "python3 has no sqlite3 module; install it to run this test");
        process.ExitCode.Should().Be(0, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
