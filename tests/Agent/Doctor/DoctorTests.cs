using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Doctor;
using Monitoring.Settings;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.Agent.Doctor;

public sealed class DoctorTests : IDisposable
{
    private readonly MadeNode node = new();

    public void Dispose() => node.Dispose();

    [Fact]
    public async Task A_node_that_is_well() => await CheckAsync("well", node.AllWell(), failures: 0);

    [Fact]
    public async Task A_node_without_a_gpu() => await CheckAsync("no-gpu", node, failures: 0);

    [Fact]
    public async Task A_node_where_much_is_wrong()
    {
        node.AllWell();
        node.LoadModule("575.57.08");
        node.Write("/sys/module/nouveau/version");
        node.AddPci("0000:3a:00.0");
        node.Settings.Devices.ExpectedCount = 3;
        node.Driver = node.Driver with { Gpus = [.. node.Driver.Gpus.Select(static gpu => gpu with { FabricIsReady = false, IsPersistent = false, IsMig = true })] };
        node.Refused["/dev/nvidia1"] = "Permission denied";
        node.Refused["/dev/kmsg"] = "Operation not permitted";
        node.Refused["/var/lib/gpu-agent"] = "Read-only file system";
        node.Write("/dev/nvidia-caps/nvidia-cap1");
        node.Refused["/dev/nvidia-caps/nvidia-cap1"] = "Permission denied";
        node.Write("/sys/fs/cgroup/system.slice/nvidia-fabricmanager.service/cgroup.procs");
        node.Write("/sys/fs/cgroup/system.slice/gpu-agent.service/cgroup.procs");
        node.Write("/proc/sys/kernel/perf_event_paranoid", "4\n");
        node.Write("/usr/local/cuda-14.0/version.json", """{"cuda":{"version":"14.0.0"}}""");
        node.Programs.Clear();
        node.Answers.Clear();
        node.FreeBytes = 100L << 20;
        node.ClockIsSynchronised = false;
        node.SettingErrors.Add(new SettingError("/etc/gpu-agent/agent.yaml:12", "sampling.fast_interval", "10", "a duration from 20ms to 10s, such as 20ms"));
        node.RuleErrors.Add("/etc/gpu-agent/rules.d/site.yaml:3:5: severity is 'bad', expected info, warning or critical");
        await CheckAsync("ill", node);
    }

    [Theory]
    [InlineData("the NVIDIA kernel driver is not loaded", "does not answer")]
    public async Task A_driver_that_does_not_answer_is_a_failure_with_its_remedy(string trouble, string saw)
    {
        node.AllWell();
        node.Driver = new DriverView(HasLibrary: true, trouble, "", "", []);
        (await node.FindingsAsync("NVML library")).Should().ContainSingle().Which.Should().Match<Finding>(finding =>
            finding.Outcome == Outcome.Failure && finding.Saw.Contains(saw) && finding.Fix == trouble);
        (await node.FindingsAsync("GPUs")).Should().ContainSingle(static finding => finding.Saw.Contains("the driver shows none"));
    }

    [Fact]
    public async Task A_gpu_that_cannot_be_opened_is_told()
    {
        node.AllWell();
        node.Driver = node.Driver with { Gpus = [node.Driver.Gpus[0], new DriverGpu(1, "", "", Trouble: "the GPU has fallen off the bus")] };
        (await node.FindingsAsync("GPUs")).Should().ContainSingle(static finding => finding.Outcome == Outcome.Failure)
            .Which.Saw.Should().Be("GPU 1 is there and cannot be opened: the GPU has fallen off the bus");
    }

    [Fact]
    public async Task A_module_that_is_not_loaded_is_a_failure_where_there_are_gpus()
    {
        node.AddPci("0000:18:00.0");
        (await node.FindingsAsync("kernel module")).Should().ContainSingle().Which.Outcome.Should().Be(Outcome.Failure);
        (await node.FindingsAsync("NVML library")).Should().ContainSingle().Which.Outcome.Should().Be(Outcome.Failure);
    }

    [Fact]
    public async Task The_version_of_the_proprietary_module_is_read()
    {
        node.Write("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.135  Fri Jan 10 20:00:00 UTC 2025\n");
        (await node.FindingsAsync("kernel module")).Should().Equal(Finding.Ok("NVIDIA 550.135, proprietary"));
    }

    [Fact]
    public async Task A_container_that_hides_the_module_is_no_failure()
    {
        node.AllWell();
        node.Write("/proc/driver/nvidia/version", "");
        (await node.FindingsAsync("kernel module")).Should().ContainSingle().Which.Outcome.Should().Be(Outcome.Information);
        (await node.FindingsAsync("NVML library")).Should().Equal(Finding.Ok("driver 580.95.05, up to CUDA 13.0"));
    }

    [Fact]
    public async Task An_nsys_whose_importer_is_missing_is_told()
    {
        node.Write("/usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64/nsys");
        node.Write("/usr/bin/keep");
        node.Link("/usr/bin/nsys", "/usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64/nsys");
        node.Programs["/usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64/nsys"] = "NVIDIA Nsight Systems version 2023.4.4.54-234433681190v0";
        var findings = await node.FindingsAsync("nsys");
        findings[0].Should().Be(Finding.Ok("2023.4.4.54-234433681190v0 at /usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64/nsys"));
        findings[1].Fix.Should().Be("ln -s ../../nsight-systems/host-linux-x64 /usr/lib/x86_64-linux-gnu/nsight-systems/host-linux-x64");
    }

    [Fact]
    public async Task A_specification_of_another_driver_is_told()
    {
        node.AllWell();
        node.Write("/etc/cdi/nvidia.yaml", "libcuda.so.550.135");
        (await node.FindingsAsync("container toolkit")).Should().ContainSingle(static finding => finding.Outcome == Outcome.Warning && finding.Fix == "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml");
    }

    [Theory]
    [InlineData("/sys/fs/cgroup/systemd/system.slice/{0}.service/cgroup.procs", "4711")]
    [InlineData("/sys/fs/cgroup/unified/system.slice/{0}.service/cgroup.procs", "4711")]
    [InlineData("/sys/fs/cgroup/system.slice/{0}.service/cgroup.events", "populated 1\nfrozen 0")]
    public async Task A_service_is_found_in_every_layout_of_control_groups(string group, string text)
    {
        node.AllWell();
        foreach (var service in new[] { "nvidia-fabricmanager", "gpu-agent", "nvidia-persistenced" })
        {
            node.Write($"/sys/fs/cgroup/system.slice/{service}.service/cgroup.procs");
            node.Write(string.Format(System.Globalization.CultureInfo.InvariantCulture, group, service), text);
        }
        (await node.FindingsAsync("Fabric Manager")).Should().Equal(Finding.Ok("NVSwitches: 1, GPUs in a fabric: 2; it runs"));
        (await node.FindingsAsync("agent")).Should().OnlyContain(static finding => finding.Outcome == Outcome.Ok);
        (await node.FindingsAsync("persistence")).Should().Equal(Finding.Ok("on; nvidia-persistenced runs"));
    }

    [Fact]
    public async Task Where_no_control_group_can_be_seen_no_service_is_said_to_be_down()
    {
        node.AllWell();
        node.Delete("/sys/fs/cgroup");
        node.Driver = node.Driver with { Gpus = [.. node.Driver.Gpus.Select(static gpu => gpu with { HasFabric = false })] };
        (await node.FindingsAsync("Fabric Manager")).Should().ContainSingle().Which.Outcome.Should().Be(Outcome.Information);
        (await node.FindingsAsync("agent")).Should().NotContain(static finding => finding.Outcome == Outcome.Failure);
        (await node.FindingsAsync("persistence")).Should().Equal(Finding.Ok("on; nvidia-persistenced is installed; whether it runs cannot be seen"));
    }

    [Fact]
    public async Task A_clock_that_differs_from_the_collectors_is_told()
    {
        node.AllWell();
        node.Time.Advance(TimeSpan.FromSeconds(90));
        (await node.FindingsAsync("collector")).Should().Contain(static finding => finding.Outcome == Outcome.Warning && finding.Saw == "its clock and this node's are 90 s apart");
    }

    [Fact]
    public async Task A_stranger_on_the_port_is_told()
    {
        node.AllWell();
        node.Answers["http://127.0.0.1:9460/readyz"] = (HttpStatusCode.NotFound, "");
        (await node.FindingsAsync("agent")).Should().Contain(static finding => finding.Outcome == Outcome.Failure && finding.Saw.EndsWith("404, and it is no gpu-agent"));
    }

    [Fact]
    public async Task A_check_that_breaks_costs_one_line() =>
        Saw(await DoctorReport.MakeAsync(node.Node, [new Broken(() => throw new InvalidOperationException("odd"))], CancellationToken.None))
            .Should().Equal("the check itself failed: InvalidOperationException: odd");

    [Fact]
    public async Task A_check_that_hangs_costs_one_line()
    {
        using var hang = new ManualResetEventSlim();
        var report = DoctorReport.MakeAsync(node.Node, [new Broken(() => hang.Wait())], CancellationToken.None);
        // The timer of the patience is armed by another thread.
        await Eventually.HoldsAsync("the check is given up", () =>
        {
            if (node.Time.ArmedTimers > 0) node.Time.Advance(TimeSpan.FromSeconds(20));
            return report.IsCompleted;
        });
        hang.Set();
        Saw(await report).Should().Equal("the check did not come back within 20 s");
    }

    [Fact]
    public void Every_check_is_in_the_list() => DoctorChecks.All.Select(static check => check.GetType().Name + ".cs").Should().BeEquivalentTo(
        Directory.EnumerateFiles(RepositoryRoot.Combine("agent", "Doctor"), "*Check.cs").Select(static path => Path.GetFileName(path)));

    [Fact]
    public async Task The_program_explains_this_machine_in_text_and_json()
    {
        string[] arguments = ["doctor", "--set", "devices.nvml_library=libnone.so", "--set", "listen=127.0.0.1:1"];
        var text = await Installer.RunProgramAsync(Commands.CheckCommandTests.Program, arguments);
        text.ExitCode.Should().BeInRange(0, 1);
        text.Errors.Should().BeEmpty();
        text.Output.Should().StartWith("node ").And.Contain("nouveau: ").And.NotContain("the check itself failed");

        var json = await Installer.RunProgramAsync(Commands.CheckCommandTests.Program, [.. arguments, "--json"]);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("checks").GetArrayLength().Should().Be(DoctorChecks.All.Count);
    }

    [Fact]
    public async Task A_wrong_configuration_is_a_failure_and_the_rest_is_looked_at()
    {
        var outcome = await Installer.RunProgramAsync(Commands.CheckCommandTests.Program, "doctor", "--set", "listen=nowhere", "--set", "devices.nvml_library=libnone.so");
        outcome.ExitCode.Should().Be(1);
        outcome.Output.Should().Contain("FAILURE  configuration: --set: listen is 'nowhere'").And.Contain("clock: ");
    }

    private static async Task CheckAsync(string name, MadeNode node, int? failures = null)
    {
        var report = await node.ReportAsync();
        GoldenFile.Check($"doctor-{name}.txt", report.Text());
        if (failures is { } expected) report.Failures.Should().Be(expected);
    }

    private static IEnumerable<string> Saw(DoctorReport report) => report.Checks.SelectMany(static part => part.Findings).Select(static finding => finding.Saw);

    private sealed class Broken(Action look) : IDoctorCheck
    {
        public string Name => "broken";

        public Task<IReadOnlyList<Finding>> LookAsync(DoctorNode node, CancellationToken stop)
        {
            look();
            return Task.FromResult<IReadOnlyList<Finding>>([]);
        }
    }
}
