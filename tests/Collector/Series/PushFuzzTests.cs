using System.Globalization;
using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Contracts.Otlp;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

/// <summary>Throws broken bytes at the store. The seed is fixed so that a failure comes back; the rounds are many.</summary>
public sealed partial class PushFuzzTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(20261121);
        var bench = new StoreBench();
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            bench.Store.Push(bytes, 1000);
        }
    }

    [Fact]
    public void Every_cut_of_a_push_is_a_fault_or_a_shorter_valid_push_and_never_a_partial_one()
    {
        var bench = new StoreBench();
        var whole = Rich(bench);
        for (var length = 0; length < whole.Length; length++)
        {
            var fresh = new StoreBench();
            var outcome = fresh.Store.Push(whole.AsSpan(0, length), 1000);
            if (outcome.Fault.IsFault) fresh.Store.Nodes.Count.Should().Be(0, "a fault at {0} of {1} bytes must leave nothing", length, whole.Length);
            else length.Should().Be(0, "one resource is one field, so only the empty cut is a message");
        }
    }

    [Fact]
    public void A_mutated_push_is_applied_whole_or_not_at_all_and_pages_stay_well_formed()
    {
        var random = new Random(7);
        var bench = new StoreBench();
        var seed = Rich(bench);
        var faults = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutate(seed, random);
            var before = bench.Samples("n1");
            var outcome = bench.Store.Push(bytes, 1000);
            if (outcome.Fault.IsFault)
            {
                faults++;
                bench.Samples("n1").Should().Equal(before);
                outcome.Fault.Offset.Should().BeInRange(0, bytes.Length);
            }
            else
            {
                Seen(bytes).Should().Be(outcome.Points);
            }

            if (round % 50 == 0) CheckPages(bench);
            if (round % 500 == 0)
            {
                bench.Clock.Advance(TimeSpan.FromMinutes(2));
                bench.Store.Sweep();
            }
        }

        faults.Should().BeInRange(Rounds / 20, Rounds - (Rounds / 20), "the mutations should meet both ways");
    }

    private static byte[] Rich(StoreBench bench)
    {
        var payload = bench.Payload(("host.name", "n1"), ("service.instance.id", "1"), ("gpu.agent.push_interval_seconds", 5.0));
        return payload
            .Metric("gpu.power", "W", "Power.", 5, [payload.Point(1, ("gpu", "0"), ("flag", true)), payload.IntegerPoint(2, ("gpu", "1"))], null, null)
            .Gauge("gpu.clock", "Hz", payload.Point(1, ("gpu", "0"), ("flag", true)), payload.Point(2, ("gpu", "1")))
            .Counter("gpu.energy", "J", payload.Point(3, ("gpu", "0"), ("list", new object[] { "a", 1L })))
            .Histogram("wait", "s", payload.HistogramPoint([1, 2, 3], [0.5, 1], 4.5, 6), payload.HistogramPoint([1, 2], [1], 4.5, 3, false, ("x", "y")))
            .Scope("second", "1.0").Metric("summary", "", "", 11, [[]], null, null).Gauge("gone", "", payload.AbsentPoint())
            .ToArray();
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveAt(at); break;
                case 3: bytes.Insert(at, (byte)random.Next(256)); break;
                default:
                    // The value of a length or of a text: what most often leads to another valid message.
                    bytes[at] = (byte)random.Next('a', 'z');
                    break;
            }
        }

        return [.. bytes];
    }

    private static int Seen(byte[] bytes)
    {
        var visitor = new ListingVisitor();
        OtlpMetricsWalker.Walk(bytes, ref visitor);
        visitor.AttributesAreWhole.Should().BeTrue("the store took the push, so it must have looked at every byte that it relies on");
        return visitor.Lines.Count(static line => line.StartsWith('{') || line.StartsWith("other ", StringComparison.Ordinal));
    }

    private static void CheckPages(StoreBench bench)
    {
        foreach (var node in bench.Store.Nodes.All.Where(node => node.IsFresh(bench.Clock.GetTimestamp())))
        {
            var samples = bench.Samples(node.Name);
            samples.Should().OnlyHaveUniqueItems();
            foreach (var sample in samples)
            {
                SampleLine().IsMatch(sample).Should().BeTrue("'{0}' must be a sample", sample);
                var value = sample[(sample.LastIndexOf(' ') + 1)..];
                if (value is not ("+Inf" or "-Inf")) double.Parse(value, CultureInfo.InvariantCulture);
            }
        }
    }

    [GeneratedRegex("""^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])+",?)+\})? [^ ]+$""", RegexOptions.Singleline)]
    private static partial Regex SampleLine();
}
