using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Devices.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class TorchInspectorTests : IDisposable
{
    private const string Wheel = "/opt/venv/lib/python3.12/site-packages";
    private readonly JobFiles files = new();

    [Theory]
    [InlineData("2.10.0", "Safe")]
    [InlineData("2.10.0+cu128", "Safe")]
    [InlineData("2.10.0rc1", "Safe")]
    [InlineData("2.14.1+debian", "Safe")]
    [InlineData("3.0.0", "Safe")]
    [InlineData("2.11.0a0+git123", "Safe")]
    [InlineData("2.10.0a0+git123", "Unknown")]
    [InlineData("2.10.0.dev20251001", "Unknown")]
    [InlineData("2.9.1", "TooOld")]
    [InlineData("2.6.0+debian", "TooOld")]
    [InlineData("1.13.1", "TooOld")]
    [InlineData("2.1", "TooOld")]
    [InlineData("git", "Unknown")]
    [InlineData("", "Unknown")]
    [InlineData(null, "Unknown")]
    public void A_version_is_safe_from_2_10_on(string? version, string safety) => TorchInspector.Judge(version).Safety.ToString().Should().Be(safety);

    [Fact]
    public void A_wheels_version_stands_beside_its_libraries()
    {
        files.Map($"{Wheel}/torch/lib/libtorch_cpu.so", $"{Wheel}/torch/_C.cpython-312-x86_64-linux-gnu.so", "/usr/lib/libc.so.6");
        files.Write($"{Wheel}/torch/version.py", "from typing import Optional\n\n__all__ = ['__version__', 'debug']\n__version__ = '2.10.0+cu128'\ndebug = False\n");

        Inspect().Should().Be(new TorchFound(TorchSafety.Safe, "2.10.0+cu128"));
    }

    [Fact]
    public void Debians_is_found_by_its_module()
    {
        files.Map("/usr/lib/x86_64-linux-gnu/libtorch_cpu.so.2.14.1", "/usr/lib/python3/dist-packages/torch/_C.cpython-314-x86_64-linux-gnu.so");
        files.Write("/usr/lib/python3/dist-packages/torch/version.py", "__version__ = '2.14.1+debian'\n");

        Inspect().Should().Be(new TorchFound(TorchSafety.Safe, "2.14.1+debian"));
    }

    [Fact]
    public void A_changed_root_stands_before_the_paths_that_the_kernel_writes()
    {
        files.Map(files.Inside($"{Wheel}/torch/lib/libtorch_cpu.so"));
        files.Write($"{Wheel}/torch/version.py", "__version__ = '2.14.1'\n");

        Inspect().Should().Be(new TorchFound(TorchSafety.Safe, "2.14.1"));
    }

    [Fact]
    public void A_program_without_Python_is_known_by_its_library()
    {
        files.Map("/usr/lib/x86_64-linux-gnu/libtorch_cpu.so.2.6.0");

        Inspect().Should().Be(new TorchFound(TorchSafety.TooOld, "2.6.0"));
    }

    [Fact]
    public void Without_a_version_file_the_packages_record_says_it()
    {
        files.Map($"{Wheel}/torch/lib/libtorch_cpu.so");
        Directory.CreateDirectory(files.Inside($"{Wheel}/torch-2.9.1+cu128.dist-info"));

        Inspect().Should().Be(new TorchFound(TorchSafety.TooOld, "2.9.1+cu128"));
    }

    [Fact]
    public void Of_two_the_worse_one_counts()
    {
        files.Map("/a/torch/lib/libtorch_cpu.so", "/b/torch/lib/libtorch_cpu.so");
        files.Write("/a/torch/version.py", "__version__ = '2.14.1'\n");
        files.Write("/b/torch/version.py", "__version__ = '2.6.0'\n");

        Inspect().Safety.Should().Be(TorchSafety.TooOld);
    }

    [Fact]
    public void What_was_replaced_since_it_was_loaded_tells_nothing()
    {
        files.Map($"{Wheel}/torch/lib/libtorch_cpu.so (deleted)");
        files.Write($"{Wheel}/torch/version.py", "__version__ = '2.14.1'\n");

        Inspect().Safety.Should().Be(TorchSafety.Unknown);
    }

    [Theory]
    [InlineData("/usr/lib/libc.so.6")]
    [InlineData("/x/nottorch/lib/libtorch_cpu.so")]
    [InlineData("/x/torch/lib/other.so")]
    public void Without_PyTorch_nothing_is_known(string path)
    {
        files.Map(path);

        Inspect().Should().Be(TorchFound.Unknown);
    }

    [Fact]
    public void A_version_file_that_leads_out_of_the_container_is_not_read()
    {
        files.Map($"{Wheel}/torch/lib/libtorch_cpu.so");
        files.Write($"{Wheel}/torch/x", "");
        File.WriteAllText(files.Outside("version.py"), "__version__ = '2.14.1'\n");
        File.CreateSymbolicLink(files.Inside($"{Wheel}/torch/version.py"), files.Outside("version.py"));

        Inspect().Safety.Should().Be(TorchSafety.Unknown);
    }

    [Fact]
    public void A_process_that_is_gone_is_unknown()
    {
        using var root = ProcessRoot.Open(files.Procfs, JobFiles.Pid)!;

        TorchInspector.Inspect(files.Procfs, 43, root).Should().Be(TorchFound.Unknown);
    }

    public void Dispose() => files.Dispose();

    private TorchFound Inspect()
    {
        using var root = ProcessRoot.Open(files.Procfs, JobFiles.Pid)!;
        return TorchInspector.Inspect(files.Procfs, JobFiles.Pid, root);
    }
}
