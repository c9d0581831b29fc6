using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Architecture;

public sealed class LayoutTests
{
    [Fact]
    public void No_room_is_called_so_that_anything_fits_in() => LayoutRules.JunkRooms(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void A_namespace_is_its_folder() => LayoutRules.Namespaces(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void Every_folder_of_tests_mirrors_a_folder_of_the_tree() => LayoutRules.MirroredTests(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void No_file_is_longer_than_one_idea() => LayoutRules.Lengths(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void The_packages_of_every_project_are_locked() => LayoutRules.LockFiles(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void The_repository_was_read()
    {
        SourceTree.Repository.Select(static file => file.Path).Should().Contain(["Monitoring.sln", "agent/Program.cs", "tests/Architecture/LayoutTests.cs"]);
        SourceTree.Repository.Should().NotContain(static file => file.Path.Contains("/obj/") || file.IsUnder("artifacts"));
    }

    [Theory]
    [InlineData("agent/Helpers/A.cs")]
    [InlineData("agent/Devices/utils/a.c")]
    [InlineData("collector/Core/A.cs")]
    [InlineData("agent/Devices/NvmlHelper.cs")]
    [InlineData("agent/Devices/StringUtils.cs")]
    [InlineData("agent/Capture/CaptureManager.cs")]
    [InlineData("simulator/native/common.h")]
    public void A_planted_junk_room_is_named(string path) =>
        LayoutRules.JunkRooms([new SourceFile(path, "")]).Should().ContainSingle().Which.Should().StartWith(path);

    [Theory]
    [InlineData("agent/Devices/Score.cs")]
    [InlineData("agent/Sampling/MulticoreTime.cs")]
    [InlineData("dropins/Systemd/SystemdHelpers.cs")]
    public void A_name_that_only_ends_alike_is_allowed(string path) => LayoutRules.JunkRooms([new SourceFile(path, "")]).Should().BeEmpty();

    [Theory]
    [InlineData("agent/Devices/A.cs", "namespace Monitoring.Agent;\n")]
    [InlineData("tests/A.cs", "namespace Monitoring.Tests.Agent;\n")]
    [InlineData("agent/Devices/A.cs", "internal sealed class A;\n")]
    public void A_planted_namespace_that_is_not_the_folder_is_named(string path, string text) =>
        LayoutRules.Namespaces([new SourceFile(path, text)]).Should().ContainSingle().Which.Should().StartWith(path);

    [Theory]
    [InlineData("agent/Devices/A.cs", "// namespace Wrong;\nnamespace Monitoring.Agent.Devices;\n")]
    [InlineData("agent/Program.cs", "AgentApp.Run(args);\n")]
    [InlineData("agent/AssemblyInfo.cs", "[assembly: Thing]\n")]
    [InlineData("dropins/Prometheus/A.cs", "namespace OpenTelemetry.Exporter;\n")]
    public void A_namespace_that_is_the_folder_is_allowed(string path, string text) =>
        LayoutRules.Namespaces([new SourceFile(path, text)]).Should().BeEmpty();

    [Fact]
    public void A_planted_folder_of_tests_without_its_original_is_named() =>
        LayoutRules.MirroredTests([new SourceFile("agent/Devices/Nvml/A.cs", ""), new SourceFile("tests/Agent/Devices/ATests.cs", ""), new SourceFile("tests/Agent/Gone/BTests.cs", "")])
            .Should().Equal("tests/Agent/Gone/BTests.cs: there is no folder agent/Gone");

    [Theory]
    [InlineData("agent/A.cs", 401, 1)]
    [InlineData("simulator/native/a.c", 401, 1)]
    [InlineData("agent/A.cs", 400, 0)]
    [InlineData("tests/Golden/page.txt", 5000, 0)]
    public void A_planted_long_file_is_named(string path, int lines, int offences) =>
        LayoutRules.Lengths([new SourceFile(path, string.Concat(Enumerable.Repeat("x\n", lines)))]).Should().HaveCount(offences);

    [Fact]
    public void A_planted_project_without_its_lock_is_named() =>
        LayoutRules.LockFiles([new SourceFile("cli/Monitoring.Cli.csproj", ""), new SourceFile("agent/Monitoring.Agent.csproj", ""), new SourceFile("agent/packages.lock.json", "")])
            .Should().Equal("cli/Monitoring.Cli.csproj has no packages.lock.json beside it");

    [Fact]
    public void An_offence_on_disk_is_found_with_its_path()
    {
        var root = Directory.CreateTempSubdirectory("layout-");
        try
        {
            Directory.CreateDirectory(Path.Combine(root.FullName, "agent", "Misc"));
            Directory.CreateDirectory(Path.Combine(root.FullName, "agent", "obj"));
            File.WriteAllText(Path.Combine(root.FullName, "agent", "Misc", "A.cs"), "");
            File.WriteAllText(Path.Combine(root.FullName, "agent", "obj", "Utils.cs"), "");

            LayoutRules.JunkRooms(SourceTree.Read(root.FullName)).Should().ContainSingle().Which.Should().StartWith("agent/Misc/A.cs");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
