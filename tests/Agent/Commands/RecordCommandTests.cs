using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Agent.Commands;

/// <summary>What is wrong with a command line or a file is said before anything is recorded or replayed.</summary>
public sealed class RecordCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("record-").FullName;

    [Theory]
    [InlineData(78, "--duration", "soon")]
    [InlineData(78, "--duration", "0s")]
    [InlineData(78, "--gpus", "0,x")]
    [InlineData(78, "--set", "sampling.fast_interval=5ms")]
    [InlineData(64, "--what")]
    public void A_wrong_word_writes_no_file(int code, params string[] arguments)
    {
        Program(["record", At("a.gpurec"), .. arguments]).Should().Be(code);
        File.Exists(At("a.gpurec")).Should().BeFalse();
    }

    [Fact]
    public void A_file_that_exists_stays_as_it_is()
    {
        File.WriteAllText(At("a.gpurec"), "mine");
        Program("record", At("a.gpurec"), "--duration", "1s").Should().Be(1);
        File.ReadAllText(At("a.gpurec")).Should().Be("mine");
    }

    [Fact]
    public void A_directory_that_is_not_there_is_said() => Program("record", At("none/a.gpurec"), "--duration", "1s").Should().Be(1);

    [Fact]
    public void A_file_that_is_not_there_cannot_be_replayed() => Program("replay", At("none.gpurec")).Should().Be(1);

    [Fact]
    public void Something_else_cannot_be_replayed()
    {
        File.WriteAllText(At("a.gpurec"), "rules: {}");
        Program("replay", At("a.gpurec")).Should().Be(78);
    }

    [Fact]
    public void Wrong_rules_cannot_be_replayed()
    {
        File.WriteAllText(At("rules.yaml"), "rules: [");
        Program("replay", At("a.gpurec"), "--rules", At("rules.yaml")).Should().Be(78);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    private static int Program(params string[] arguments) => Monitoring.Agent.Program.Main(arguments);
}
