using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Monitoring.Tests.Settings;

public sealed class SettingsFuzzTests
{
    /// <summary>Pieces of which files are glued: valid, nearly valid, and what breaks scanners.</summary>
    private static readonly string[] Pieces =
    [
        "port", "sampling", "fast_interval", "sinks", "labels", "buckets", ":", ": ", " ", "  ", "\n", "\n  ", "\t", "- ", "-", "[", "]", "{", "}", ",",
        "\"", "'", "\\", "&a ", "*a", "!", "!!str ", "!<x> ", "|", ">", "|2-", "#", "%YAML 1.1\n", "%TAG ! x\n", "---", "...", "?", "? ", "<<", "@", "`",
        "null", "~", "1", "1s", "true", "\r", "\0", "\u0085", "\u2028", "\uFEFF", "\uD83D\uDE00", "é", "\\x", "\"\\u12\"", "\"\\UFFFFFFFF\"", "key: value\n", "a: b: c",
    ];

    private static readonly Gen<string> Files = Gen.Elements(Pieces).ListOf().Select(string.Concat);

    [Fact]
    public void No_file_throws_and_each_is_either_loaded_or_reported() =>
        Prop.ForAll(Files.ToArbitrary(), IsLoadedOrReported).Check(Fuzzing.Cases(1000).WithEndSize(60));

    [Fact]
    public void No_characters_throw() =>
        Prop.ForAll<string?>(text => IsLoadedOrReported(text ?? "")).Check(Fuzzing.Cases(100));

    [Fact]
    public void No_damage_of_a_good_file_throws()
    {
        const string Good = "node: a\nsampling:\n  fast_interval: 50ms\nsinks:\n  - url: \"http://elastic.example\"\n    retries: 1\nlabels: {a: b, c: 'd'}\nexclude: [a, b]\n";
        Prop.ForAll<int, char>((place, letter) =>
        {
            var index = (place & int.MaxValue) % Good.Length;
            return IsLoadedOrReported(Good[..index] + letter + Good[(index + 1)..]) && IsLoadedOrReported(Good[..index]);
        }).Check(Fuzzing.Cases(500));
    }

    [Fact]
    public void No_path_of_the_environment_or_command_line_throws() => Prop.ForAll<string?, string?>((path, value) =>
    {
        var load = Loading.Load(null, new() { ["GPU_AGENT_" + path] = value ?? "", ["GPU_AGENT_SINKS__" + path] = value ?? "" }, $"{path}={value}", $"labels.{path}={value}");
        return load.Value is null == load.Errors.Any();
    }).Check(Fuzzing.Cases(100));

    private static bool IsLoadedOrReported(string yaml)
    {
        var load = Loading.Load(yaml);
        return load.Value is null == load.Errors.Any()
            && load.Errors.All(error => error.Expected != "" && !error.ToString().Any(char.IsControl));
    }
}
