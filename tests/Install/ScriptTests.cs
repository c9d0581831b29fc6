using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>All scripts of the repository are what bash and shellcheck accept.</summary>
public sealed class ScriptTests
{
    private static string[] Scripts { get; } =
    [
        RepositoryRoot.Combine("install.sh"),
        RepositoryRoot.Combine(".ci", "run"),
        .. Directory.EnumerateFiles(RepositoryRoot.Combine("packaging", "slurm"), "*.sh").Order(),
        .. Directory.EnumerateFiles(RepositoryRoot.Combine("scripts"), "*.sh", SearchOption.AllDirectories).Order(),
    ];

    [Fact]
    public async Task Every_script_is_correct_bash()
    {
        Scripts.Length.Should().BeGreaterThan(10);
        foreach (var script in Scripts)
            (await Installer.RunProgramAsync("bash", "-n", script)).Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" }, script);
    }

    [Fact]
    public async Task Shellcheck_finds_nothing()
    {
        string[] withoutBash =
        [
            RepositoryRoot.Combine("packaging", "systemd", "create-device-files"),
            RepositoryRoot.Combine("scripts", "install", "no-service-starts"),
            RepositoryRoot.Combine("packaging", "gpu-run"),
            RepositoryRoot.Combine("tests", "Agent", "Capture", "Profilers", "Nsys", "fake-nsys.sh"),
        ];

        var outcome = await Installer.RunProgramAsync(Requirement.Program("shellcheck"), ["--external-sources", .. Scripts, .. withoutBash]);

        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Output = "" });
    }
}
