using System.Globalization;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Summaries.Sqlite;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Sqlite;

public sealed class SqliteFileTests : IDisposable
{
    private const string Statement = "CREATE TABLE t (id INTEGER PRIMARY KEY, number INTEGER, real REAL, text TEXT)";

    private readonly string folder = Directory.CreateTempSubdirectory("sqlite-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("StringIds", 1297)]
    [InlineData("OSRT_CALLCHAINS", 8930)]
    [InlineData("SAMPLING_CALLCHAINS", 7527)]
    [InlineData("CUPTI_ACTIVITY_KIND_KERNEL", 1312)]
    [InlineData("CUPTI_ACTIVITY_KIND_MEMCPY", 279)]
    [InlineData("PROCESSES", 1770)]
    public void Every_row_of_a_real_export_is_read(string table, int rows)
    {
        using var file = SqliteFile.Open(Requirement.SharedData("nsys-exports", "perlmutter-cloverleaf-cuda.sqlite"));

        var reader = file.Rows(file.Find(table)!, []);
        while (reader.Read()) { }

        reader.Count.Should().Be(rows);
    }

    [Fact]
    public void Values_of_a_real_export_are_those_that_SQL_gives()
    {
        using var file = SqliteFile.Open(Requirement.SharedData("nsys-exports", "perlmutter-cloverleaf-cuda.sqlite"));
        var rows = file.Rows(file.Find("cupti_activity_kind_kernel")!, ["start", "END", "streamId", "greenContextId", "nowhere"]);
        long first = 0, total = 0;
        while (rows.Read())
        {
            if (rows.Count == 1) first = rows.Integer(0);
            total += rows.Integer(1) - rows.Integer(0);
            rows.Integer(2).Should().Be(7);
            rows.IsNull(3).Should().BeTrue();
            rows.IsNull(4).Should().BeTrue();
        }
        (first, total).Should().Be((533338240, 294404540));

        var texts = file.Rows(file.Find("StringIds")!, ["id", "value"]);
        var names = new Dictionary<long, string>();
        while (texts.Read()) names.Add(texts.Integer(0), texts.Text(1, 5000));
        names[0].Should().Be("[Unknown]");
        names[1].Should().Be("[kernel.kallsyms]");
    }

    [Theory]
    [InlineData(512, 0, 1)]
    [InlineData(512, 32, 2)]
    [InlineData(1024, 0, 3)]
    [InlineData(4096, 8, 1)]
    [InlineData(65536, 0, 1)]
    public void Any_table_comes_back_as_it_was_written(int pageSize, int reserved, int encoding)
    {
        var texts = Gen.Elements("", "a", "käse", "😀 of two units", new string('x', 470), new string('ü', 3000), new string('y', 70_000));
        var numbers = Gen.OneOf(Gen.Choose(-300, 300).Select(static n => (long)n), Gen.Elements(long.MinValue, long.MaxValue, 0, 1, -1, 127, 128, -32769, 8_388_608, int.MinValue, 1L << 40, -(1L << 47), 1L << 47));
        var rows = from number in numbers
                   from real in Gen.Elements(0.0, -1.5, 1e300, double.Epsilon)
                   from text in texts
                   from shape in Gen.Choose(0, 7)
                   select new object?[] { null, shape == 0 ? null : number, shape == 1 ? null : real, shape == 2 ? null : text };
        Prop.ForAll(Arb.From(rows.ListOf(120)), list =>
        {
            using var file = Open(new SqliteTestFile(pageSize, reserved, encoding).Table("other", "CREATE TABLE other(a)", [[1L]]).Table("t", Statement, list));
            var reader = file.Rows(file.Find("t")!, ["text", "id", "real", "number"]);
            var count = 0;
            for (; reader.Read(); count++)
            {
                reader.Integer(1).Should().Be(count + 1);
                var row = list[count];
                (reader.TryInteger(3, out var number) ? number : (long?)null).Should().Be((long?)row[1]);
                (reader.TryReal(2, out var real) ? real : (double?)null).Should().Be((double?)row[2]);
                reader.Text(0, 100_000).Should().Be((string?)row[3] ?? "");
                reader.IsNull(0).Should().Be(row[3] is null);
            }
            count.Should().Be(list.Count);
        }).Check(Fuzzing.Cases(15));
    }

    [Fact]
    public void A_tree_of_several_levels_is_walked_in_order()
    {
        using var file = Open(new SqliteTestFile(512).Table("t", Statement, Enumerable.Range(0, 20_000).Select(static index => new object?[] { null, (long)index, null, null })));
        var rows = file.Rows(file.Find("T")!, ["number"]);
        for (long index = 0; index < 20_000; index++)
        {
            rows.Read().Should().BeTrue();
            rows.Integer(0).Should().Be(index);
        }
        rows.Read().Should().BeFalse();
        rows.Read().Should().BeFalse();
    }

    [Fact]
    public void A_text_that_does_not_fit_is_cut_between_characters()
    {
        foreach (var encoding in (int[])[1, 2, 3])
        {
            using var file = Open(new SqliteTestFile(encoding: encoding).Table("t", Statement, [[null, null, null, "ab😀cd"]]));
            var rows = file.Rows(file.Find("t")!, ["text"]);
            rows.Read();
            rows.Text(0, 3).Should().Be("ab");
            rows.Text(0, 4).Should().Be("ab😀");
        }
    }

    [Fact]
    public void A_row_of_megabytes_is_cut_and_what_lies_behind_it_is_refused()
    {
        using var file = Open(new SqliteTestFile().Table("t", "CREATE TABLE t(a, b TEXT, c)", [[7L, new string('z', 3_000_000), 123456L]]));
        var rows = file.Rows(file.Find("t")!, ["a", "b", "c"]);
        rows.Read();
        rows.Integer(0).Should().Be(7);
        rows.Text(1, int.MaxValue).Length.Should().BeInRange(1_000_000, 1_100_000);
        rows.Invoking(static read => read.Integer(2)).Should().Throw<SqliteException>().WithMessage("*a number behind*");
    }

    [Fact]
    public void A_file_that_is_none_is_refused_in_words()
    {
        var path = Path.Combine(folder, "x.sqlite");
        Opening(path).Should().Throw<SqliteException>().WithMessage("cannot be read:*");
        File.WriteAllText(path, "no database");
        Opening(path).Should().Throw<SqliteException>().WithMessage("is no SQLite database*");
        var bytes = new SqliteTestFile().ToBytes();
        Corrupted(path, bytes, static copy => copy[17] = 3).Should().Throw<SqliteException>().WithMessage("has pages of * bytes*");
        Corrupted(path, bytes, static copy => copy[19] = 9).Should().Throw<SqliteException>().WithMessage("is of format version 9*");
        Corrupted(path, bytes, static copy => (copy[16], copy[20]) = (2, 33)).Should().Throw<SqliteException>().WithMessage("leaves 479 bytes*");
        Corrupted(path, bytes, static copy => copy[59] = 4).Should().Throw<SqliteException>().WithMessage("has texts of encoding 4*");
        Corrupted(path, bytes, static copy => copy[100] = 0x0a).Should().Throw<SqliteException>().WithMessage("*no page of a table*");
        File.WriteAllBytes(path, bytes[..200]);
        Opening(path).Should().Throw<SqliteException>().WithMessage("is cut off in its first page");
    }

    [Fact]
    public void Pages_in_a_circle_end_the_walk()
    {
        var bytes = new SqliteTestFile(512).Table("t", Statement, Enumerable.Range(0, 2000).Select(static index => new object?[] { null, (long)index, null, "text" })).ToBytes();
        // Every interior page points to itself with all its children.
        for (var page = 512; page < bytes.Length; page += 512)
        {
            if (bytes[page] != 0x05) continue;
            for (var cell = 0; cell < bytes[page + 4]; cell++)
            {
                var place = page + (bytes[page + 12 + (2 * cell)] << 8) + bytes[page + 13 + (2 * cell)];
                (bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]) = (0, 0, (byte)(((page / 512) + 1) >> 8), (byte)((page / 512) + 1));
            }
        }
        using var file = Open(bytes);
        var rows = file.Rows(file.Find("t")!, ["number"]);
        FluentActions.Invoking(() => { while (rows.Read()) { } }).Should().Throw<SqliteException>().WithMessage("is damaged: after 0 rows of 't' came more than 20 levels*");
    }

    [Fact]
    public void Rows_that_share_their_overflow_pages_end_the_walk()
    {
        var bytes = new SqliteTestFile(512).Table("t", Statement, [[null, null, null, new string('x', 200_000)]]).ToBytes();
        var leaf = Enumerable.Range(1, (bytes.Length / 512) - 1).Select(static page => page * 512).Single(page => bytes[page] == 0x0d);
        // One cell becomes ten: small damage that would have the same pages read ten times, in larger files a million times.
        bytes[leaf + 4] = 10;
        for (var cell = 1; cell < 10; cell++) (bytes[leaf + 8 + (2 * cell)], bytes[leaf + 9 + (2 * cell)]) = (bytes[leaf + 8], bytes[leaf + 9]);
        using var file = Open(bytes);
        var rows = file.Rows(file.Find("t")!, ["text"]);
        FluentActions.Invoking(() => { while (rows.Read()) { } }).Should().Throw<SqliteException>().WithMessage("is damaged: after 1 rows of 't' came overflow pages that*circle");
    }

    [Fact]
    public void A_log_beside_the_file_is_said()
    {
        var path = Path.Combine(folder, "x.sqlite");
        File.WriteAllBytes(path, new SqliteTestFile().ToBytes());
        File.WriteAllBytes(path + "-wal", []);
        using (var file = SqliteFile.Open(path)) file.Trouble.Should().BeEmpty();
        File.WriteAllBytes(path + "-wal", [1]);
        using (var file = SqliteFile.Open(path)) file.Trouble.Should().StartWith("has 'x.sqlite-wal' beside it, which is not read");
    }

    [Fact]
    public void Random_damage_is_a_message_or_other_values_and_never_anything_else()
    {
        var whole = File.ReadAllBytes(Requirement.SharedData("nsys-samples", "nsys2023-osrt.sqlite"));
        var random = new Random(7);
        var (ended, threw) = (0, 0);
        for (var round = 0; round < 60; round++)
        {
            var bytes = (byte[])whole.Clone();
            // Half of the damage goes where structure is: the begin of pages, and the first page.
            for (var hit = random.Next(1, 200); hit > 0; hit--)
                bytes[random.Next(2) == 0 ? random.Next(bytes.Length) : (random.Next(bytes.Length / 4096) * 4096) + random.Next(random.Next(10) == 0 ? 4096 : 16)] = (byte)random.Next(256);
            if (random.Next(4) == 0) Array.Resize(ref bytes, random.Next(bytes.Length));
            try
            {
                using var file = Open(bytes);
                foreach (var table in file.Tables)
                {
                    try
                    {
                        var found = file.Find(table)!;
                        var rows = file.Rows(found, [.. found.Columns.Select(static column => column.Name)]);
                        while (rows.Read())
                            for (var column = 0; column < found.Columns.Count; column++)
                                _ = rows.TryReal(column, out _) || rows.Text(column, 100).Length > 0;
                        ended++;
                    }
                    catch (SqliteException)
                    {
                        threw++;
                    }
                }
            }
            catch (SqliteException)
            {
                threw++;
            }
        }
        ended.Should().BePositive();
        threw.Should().BePositive();
    }

    [Fact]
    public void Rows_are_read_without_an_allocation_each()
    {
        using var file = Open(new SqliteTestFile().Table("t", Statement, Enumerable.Range(0, 50_000).Select(static index => new object?[] { null, (long)index, 1.5, "some text" })));
        var text = new char[64];
        var rows = file.Rows(file.Find("t")!, ["number", "real", "text"]);
        rows.Read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        long sum = 0;
        while (rows.Read())
        {
            rows.TryReal(1, out _);
            sum += rows.Integer(0) + rows.Text(2, text);
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(50_000, "pages of the levels come to a few, rows to 49,999");
        sum.Should().Be((50_000L * 49_999 / 2) + (9 * 49_999));
    }

    private SqliteFile Open(SqliteTestFile file) => Open(file.ToBytes());

    private SqliteFile Open(byte[] bytes)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        File.WriteAllBytes(path, bytes);
        return SqliteFile.Open(path);
    }

    private static Action Opening(string path) => () => SqliteFile.Open(path).Dispose();

    private static Action Corrupted(string path, byte[] bytes, Action<byte[]> damage)
    {
        var copy = (byte[])bytes.Clone();
        damage(copy);
        File.WriteAllBytes(path, copy);
        return Opening(path);
    }
}
