using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>Rule files may come from anyone who may write a ConfigMap: nothing in them may end the agent.</summary>
public sealed class RuleFuzzTests
{
    /// <summary>Pieces of which files are glued: valid, nearly valid, and what breaks scanners.</summary>
    private static readonly string[] Pieces =
    [
        "rules:", "rules", "when:", "threshold:", "metric:", "is:", "all:", "any:", "not:", "event:", "kind: xid", "codes: [79]", "gpu_utilization_ratio", "'gpu_nvlink_up{link=\"3\"}'",
        "\"> 0.9\"", "over: 5m", "for: 5m", "enabled: false", "filter:", "limits:", "health:", "a:", ":", ": ", " ", "  ", "\n", "\n  ", "\n    ", "\t", "- ", "-", "[", "]", "{", "}", ",",
        "\"", "'", "\\", "&a ", "*a", "!", "!!str ", "|", ">", "|2-", "#", "%YAML 1.1\n", "%TAG ! x\n", "---", "...", "?", "? ", "<<", "@", "`", "null", "~", "1", "1e999", "true", "\r", "\0",
        "\u0085", "\u2028", "\uFEFF", "\uD83D\uDE00", "\uD83D", "\u00e9", "\"\\u12\"", "\"\\UFFFFFFFF\"", "(((((", "=~\"(a+)+$\"",
    ];

    private static readonly string Shipped = ShippedRules.File.Text;

    [Fact]
    public void No_glued_file_throws() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().Select(string.Concat).ToArbitrary(), IsLoadedOrReported).Check(Fuzzing.Cases(3000).WithEndSize(80));

    [Fact]
    public void No_characters_throw() =>
        Prop.ForAll<string?>(text => IsLoadedOrReported(text ?? "") && IsLoadedOrReported("rules:\n  a:\n    when: " + text)).Check(Fuzzing.Cases(1000));

    [Fact]
    public void No_bytes_throw()
    {
        var folder = Directory.CreateTempSubdirectory("rules-").FullName;
        try
        {
            var layers = new RuleLayers(new DetectionSettings { RulesDirectory = folder, ShippedRules = false });
            var path = Path.Combine(folder, "a.yaml");
            Prop.ForAll<byte[]>(bytes =>
            {
                File.WriteAllBytes(path, bytes);
                var load = layers.Load();
                return load.IsRight == (load.Mistakes.Count == 0);
            }).Check(Fuzzing.Cases(300));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void No_expression_throws() => Prop.ForAll<string?, string?>((text, more) =>
    {
        foreach (var candidate in new[] { text ?? "", $"> {text}", $"m{{{text}}}", $"m{{a=~\"{text}\"}}", $"> 0.5 * m{{a=\"{text}\"}} + {more}" })
        {
            if (RuleExpression.ReadSeries(candidate, out var first) is null == (first.Length == 0)) return false;
            if (RuleExpression.ReadComparison(candidate, out var second) is null == (second.Length == 0)) return false;
        }
        return true;
    }).Check(Fuzzing.Cases(2000));

    [Fact]
    public void No_damage_of_the_shipped_rules_throws()
    {
        // A part of them: the whole would make each of hundreds of readings long.
        var good = Shipped[Shipped.IndexOf("rules:", StringComparison.Ordinal)..][..6000];
        Prop.ForAll<int, char>((place, letter) =>
        {
            var index = (place & int.MaxValue) * 31 % good.Length & int.MaxValue;
            index %= good.Length;
            return IsLoadedOrReported(good[..index] + letter + good[(index + 1)..]) && IsLoadedOrReported(good[..index]);
        }).Check(Fuzzing.Cases(200));
    }

    [Fact]
    public void Every_cut_and_swap_of_a_printed_rule_is_loaded_or_reported()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(RuleYaml.Text(new RandomRules(seed).Next()));
            for (var change = 0; change < 3; change++)
            {
                var from = random.Next(text.Length);
                var length = Math.Min(random.Next(30), text.Length - from);
                var part = text.ToString(from, length);
                if (random.Next(2) == 0) text.Remove(from, length);
                text.Insert(random.Next(text.Length + 1), part);
            }
            IsLoadedOrReported(text.ToString()).Should().BeTrue("seed {0}", seed);
        }
    }

    private static bool IsLoadedOrReported(string text)
    {
        var load = RuleFiles.Load([new RuleText("fuzz.yaml", text)]);
        return (load.IsRight || load.Rules.Count == 0)
            && load.Mistakes.All(static mistake => mistake.Expected.Length > 0 && !mistake.ToString().Any(char.IsControl));
    }
}
