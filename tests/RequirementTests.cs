using FluentAssertions;
using Xunit;

namespace Monitoring.Tests;

public sealed class RequirementTests
{
    [Fact]
    public void A_missing_thing_fails_the_test_where_everything_must_be_present()
    {
        var require = () => Requirement.Missing("promtool is not here", mustBePresent: true);

        require.Should().Throw<Exception>().WithMessage("CI=true and promtool is not here");
    }

    [Fact]
    public void A_missing_thing_skips_the_test_elsewhere()
    {
        var require = () => Requirement.Missing("promtool is not here", mustBePresent: false);

        require.Should().Throw<Exception>().WithMessage("$XunitDynamicSkip$promtool is not here");
    }

    [Fact]
    public void A_program_is_found_on_the_search_path_only_if_it_can_be_executed()
    {
        var folder = Directory.CreateTempSubdirectory("requirement-").FullName;
        try
        {
            var program = Path.Combine(folder, "tool");
            File.WriteAllText(program, "");
            Requirement.FindProgram("tool", $"/nowhere:{folder}").Should().BeNull();

            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            Requirement.FindProgram("tool", $"/nowhere:{folder}").Should().Be(program);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
