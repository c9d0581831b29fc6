using System.CommandLine;
using FluentAssertions;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.Simulator;

public sealed class CommandLineTests
{
    [Fact]
    public async Task The_list_of_incidents_is_what_people_read_it_as() =>
        GoldenFile.Check("Simulator/incidents.txt", (await RunAsync("incidents")).Output);

    [Fact]
    public async Task The_list_of_profiles_is_what_people_read_it_as() =>
        GoldenFile.Check("Simulator/profiles.txt", (await RunAsync("profiles")).Output);

    [Fact]
    public async Task A_good_profile_passes_the_check()
    {
        var (code, output, _) = await RunAsync("profiles", "--check", RepositoryRoot.Combine("simulator", "profiles", "t4.yaml"));
        (code, output).Should().Be((0, "t4 can be played: Tesla T4, driver 550.163.01\n"));
    }

    [Theory]
    [InlineData(78, "expected the path of a YAML file or one of a100", "run", "--directory", "/nowhere", "--profile", "h1000")]
    [InlineData(78, "--tick is '1ms', expected a duration", "run", "--directory", "/nowhere", "--tick", "1ms")]
    [InlineData(1, "--gpus is 17, expected 0 to 16", "run", "--directory", "/nowhere", "--gpus", "17")]
    [InlineData(1, "no simulated node runs in '/nowhere'", "inject", "--directory", "/nowhere", "--gpu", "0", "--incident", "hang")]
    [InlineData(1, "--gpu is 'first', expected the index of a GPU, or all", "clear", "--directory", "/nowhere", "--gpu", "first")]
    [InlineData(1, "--set is 'speed', expected name=value", "inject", "--directory", "/nowhere", "--gpu", "0", "--incident", "straggler", "--set", "speed")]
    public async Task A_wrong_command_line_is_refused_in_words(int expectedCode, string expected, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);
        code.Should().Be(expectedCode);
        error.Should().Contain(expected);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Program.Commands().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
