using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Spool;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Spool;

public sealed class PlaceLedgerTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("ledger-").FullName;

    private string FilePath => Path.Combine(directory, "settled");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Nothing_is_passed_over_that_is_not_settled_and_all_is_that_is_in_any_order_and_after_any_end() => Prop.ForAll<PositiveInt[], int, int>((gaps, seed, ends) =>
    {
        File.Delete(FilePath);
        var ledger = PlaceLedger.OpenFile(FilePath);
        var places = new List<ulong>();
        foreach (var gap in gaps) places.Add((places.Count == 0 ? 0 : places[^1]) + (ulong)gap.Get);
        var random = new Random(seed);
        var settled = new HashSet<ulong>();
        var open = new List<ulong>();
        var next = 0;
        while (next < places.Count || open.Count > 0)
        {
            if (next < places.Count && (open.Count == 0 || random.Next(2) == 0))
            {
                ledger.GiveOut(places[next]);
                open.Add(places[next++]);
            }
            else
            {
                var at = random.Next(open.Count);
                ledger.Settle(open[at]);
                settled.Add(open[at]);
                open.RemoveAt(at);
            }
            if (places.Exists(place => place <= ledger.Settled && !settled.Contains(place))) return false;
            if (random.Next(4) == 0) ledger.Commit();
            if (random.Next(20) != ends % 20) continue;
            ledger = PlaceLedger.OpenFile(FilePath); // kill -9
            if (places.Exists(place => place <= ledger.Settled && !settled.Contains(place))) return false;
            open.Clear();
            next = places.FindIndex(place => place > ledger.Settled) is var found and >= 0 ? found : places.Count;
        }
        ledger.Commit();
        return places.Count == 0 || (PlaceLedger.OpenFile(FilePath).Settled == places[^1] && ledger.Open == 0);
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Places_without_documents_are_passed()
    {
        var ledger = PlaceLedger.OpenFile(FilePath);
        ledger.GiveOut(5);
        ledger.Pass(9);
        ledger.Settled.Should().Be(0);
        ledger.Settle(5);
        ledger.Settled.Should().Be(9);
        ledger.Pass(3);
        ledger.Settled.Should().Be(9);
    }

    [Fact]
    public void A_place_is_not_given_out_twice()
    {
        var ledger = PlaceLedger.OpenFile(FilePath);
        ledger.GiveOut(5);
        ledger.Invoking(static ledger => ledger.GiveOut(5)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x\n")]
    [InlineData("-5\n")]
    [InlineData("99999999999999999999999\n")]
    public void A_damaged_file_settles_nothing(string text)
    {
        File.WriteAllText(FilePath, text);
        PlaceLedger.OpenFile(FilePath).Settled.Should().Be(0);
    }

    [Fact]
    public void A_log_that_ends_before_the_place_takes_it_back_for_good()
    {
        var ledger = PlaceLedger.OpenFile(FilePath);
        ledger.GiveOut(100);
        ledger.Settle(100);
        ledger.Commit();
        ledger.Rewind(90);
        PlaceLedger.OpenFile(FilePath).Settled.Should().Be(90);
        ledger.GiveOut(91);
        ledger.Rewind(95);
        ledger.Open.Should().Be(1);
    }
}
