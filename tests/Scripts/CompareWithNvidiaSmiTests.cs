using System.Diagnostics;
using System.Runtime.Versioning;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Scripts;

/// <summary>scripts/compare-with-nvidia-smi.sh against an nvidia-smi that says what the test wants.</summary>
[SupportedOSPlatform("linux")]
public sealed class CompareWithNvidiaSmiTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("nvidia-smi-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Fields_that_agree_and_readings_that_both_lack_are_well()
    {
        var (exitCode, output) = Compare(
            smi: "GPU-1, 700.00, 45, [N/A], Enabled",
            page: """
                gpu_power_watts{cluster="c",gpu="0",node="n",uuid="GPU-1"} 690.5
                gpu_temperature_celsius{cluster="c",gpu="0",node="n",sensor="gpu",uuid="GPU-1"} 46
                gpu_persistence_mode_enabled{cluster="c",gpu="0",node="n",uuid="GPU-1"} 1
                """);

        output.Should().Contain("| 0 | `power.draw` | 700.00 | 690.5 | agrees |").And.Contain("| 0 | `temperature.memory` | [N/A] | absent | agrees |").And.Contain("4 fields, 0 differ");
        exitCode.Should().Be(0);
    }

    [Fact]
    public void A_zero_for_what_nvidia_smi_lacks_a_missing_series_and_a_wrong_number_differ()
    {
        var (exitCode, output) = Compare(
            smi: "GPU-1, 700.00, 45, [N/A], Enabled",
            page: """
                gpu_power_watts{cluster="c",gpu="0",node="n",uuid="GPU-1"} 0.7
                gpu_temperature_celsius{cluster="c",gpu="0",node="n",sensor="memory",uuid="GPU-1"} 0
                gpu_persistence_mode_enabled{cluster="c",gpu="0",node="n",uuid="GPU-1"} 1
                """);

        output.Should().Contain("| 0 | `power.draw` | 700.00 | 0.7 | **differs** |").And.Contain("| 0 | `temperature.gpu` | 45 | absent | **differs** |")
            .And.Contain("| 0 | `temperature.memory` | [N/A] | 0 | **differs** |").And.Contain("4 fields, 3 differ");
        exitCode.Should().Be(1);
    }

    private (int ExitCode, string Output) Compare(string smi, string page)
    {
        var program = Path.Combine(folder, "nvidia-smi");
        File.WriteAllText(program, $"""
            #!/bin/sh
            case $1 in
              --help-query-gpu) printf '"%s"\n' power.draw temperature.gpu temperature.memory persistence_mode ;;
              --query-gpu=driver_version) echo 590.48.01 ;;
              --query-gpu=uuid,*) echo '{smi}' ;;
            esac
            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var pagePath = Path.Combine(folder, "page");
        File.WriteAllText(pagePath, page + "\n");

        var start = new ProcessStartInfo("bash", [RepositoryRoot.Combine("scripts", "compare-with-nvidia-smi.sh"), pagePath]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = folder + ":" + start.Environment["PATH"];
        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
