using System.Net;
using Monitoring.Agent.Doctor;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;
using Monitoring.Tests.Install;

namespace Monitoring.Tests.Agent.Doctor;

/// <summary>A node made of files in a folder, a driver made of words, and a network that answers what a test says.</summary>
internal sealed class MadeNode : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MadeNetwork network = new();
    private readonly HttpClient http;

    internal MadeNode()
    {
        http = new HttpClient(network);
        Directory.CreateDirectory(folder.Combine("sys/bus/pci/devices"));
    }

    internal AgentSettings Settings { get; } = new() { Node = "gpu-7" };

    internal DriverView Driver { get; set; } = new(HasLibrary: false, "libnvidia-ml.so.1 was not found", "", "", []);

    internal Dictionary<string, string> Refused { get; } = [];

    internal Dictionary<string, string?> Programs { get; } = [];

    internal Dictionary<string, (HttpStatusCode Status, string Body)> Answers => network.Answers;

    internal ManualTimeProvider Time => network.Time;

    internal bool? ClockIsSynchronised { get; set; } = true;

    internal long? FreeBytes { get; set; } = 100L << 30;

    internal List<SettingError> SettingErrors { get; } = [];

    internal List<string> RuleErrors { get; } = [];

    internal string ConfigurationFile { get; set; } = "/etc/gpu-agent/agent.yaml";

    internal void Write(string path, string text = "") => folder.Write(text, path.TrimStart('/'));

    internal void Delete(string path) => Directory.Delete(folder.Combine(path.TrimStart('/')), recursive: true);

    internal void Link(string path, string target) => File.CreateSymbolicLink(folder.Combine(path.TrimStart('/')), folder.Combine(target.TrimStart('/')));

    internal void AddPci(string address, string @class = "0x030200")
    {
        Write($"/sys/bus/pci/devices/{address}/vendor", "0x10de\n");
        Write($"/sys/bus/pci/devices/{address}/class", @class + "\n");
    }

    internal void LoadModule(string version) => Write("/proc/driver/nvidia/version",
        $"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {version}  Release Build  (dvs-builder@U22)  Tue Sep 23 09:55:41 UTC 2025\nGCC version:  gcc version 11.4.0\n");

    internal void RunService(string name)
    {
        Write($"/usr/lib/systemd/system/{name}.service");
        Write($"/sys/fs/cgroup/system.slice/{name}.service/cgroup.procs", "4711\n");
    }

    /// <summary>Everything as it should be: two H100 behind an NVSwitch.</summary>
    internal MadeNode AllWell()
    {
        LoadModule("580.95.05");
        AddPci("0000:18:00.0");
        AddPci("0000:2a:00.0");
        AddPci("0000:05:00.0", "0x068000");
        Driver = new DriverView(HasLibrary: true, "", "580.95.05", "13.0",
            [.. new[] { "00000000:18:00.0", "00000000:2A:00.0" }.Select(static (address, index) => new DriverGpu(index, "NVIDIA H100 80GB HBM3", address, HasFabric: true, FabricIsReady: true, IsPersistent: true))]);
        foreach (var file in new[] { "nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "kmsg" }) Write($"/dev/{file}");
        foreach (var service in new[] { "nvidia-fabricmanager", "nvidia-persistenced", "gpu-agent", "chrony" }) RunService(service);
        Write("/proc/sys/kernel/perf_event_paranoid", "2\n");
        Write("/proc/driver/nvidia/params", "EnableMSI: 1\nRmProfilingAdminOnly: 1\n");
        Write("/usr/local/cuda-12.8/version.json", """{"cuda":{"name":"CUDA SDK","version":"12.8.1"},"nsight_systems":{"version":"2024.6.2"}}""");
        Link("/usr/local/cuda", "/usr/local/cuda-12.8");
        Write("/usr/lib/x86_64-linux-gnu/libcudnn.so.9.10.2");
        Write("/usr/lib/x86_64-linux-gnu/libnccl.so.2.26.2");
        Write("/opt/nvidia/nsight-systems-cli/2025.1.1/target-linux-x64/nsys");
        Programs["/opt/nvidia/nsight-systems-cli/2025.1.1/target-linux-x64/nsys"] = "NVIDIA Nsight Systems version 2025.1.1.103-251135540420v0\n";
        Write("/usr/bin/containerd");
        Write("/usr/bin/nvidia-ctk");
        Programs["/usr/bin/nvidia-ctk"] = "NVIDIA Container Toolkit CLI version 1.17.8\ncommit: abc\n";
        Write("/usr/lib/x86_64-linux-gnu/libnvidia-container.so.1");
        Write("/etc/cdi/nvidia.yaml", "- hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05\n");
        Write("/var/lib/gpu-agent/journal/x");
        Answers["http://127.0.0.1:9460/readyz"] = (HttpStatusCode.OK, "gpu 0: fresh\ngpu 1: fresh\n");
        Settings.Collector.Endpoint = new Uri("http://collector:9461");
        Answers["http://collector:9461/healthz"] = (HttpStatusCode.OK, "ok\n");
        return this;
    }

    internal async Task<DoctorReport> ReportAsync() => await DoctorReport.MakeAsync(Node, DoctorChecks.All, CancellationToken.None);

    /// <summary>What one part of the report says.</summary>
    internal async Task<IReadOnlyList<Finding>> FindingsAsync(string check) => (await ReportAsync()).Checks.Single(part => part.Name == check).Findings;

    internal DoctorNode Node => new()
    {
        Root = folder.Path,
        Settings = Settings,
        SettingErrors = SettingErrors,
        RuleErrors = () => RuleErrors,
        ConfigurationFile = ConfigurationFile,
        Driver = Driver,
        User = "gpu-agent",
        Variable = static name => name == "PATH" ? "/usr/bin:/bin" : null,
        TryOpen = (path, _) => Refused.GetValueOrDefault(Shown(path)),
        RunProgram = (program, _) => Programs.GetValueOrDefault(Shown(program)),
        FreeBytes = _ => FreeBytes,
        ClockIsSynchronised = () => ClockIsSynchronised,
        Http = http,
        LocalHttp = http,
        Time = Time,
    };

    public void Dispose()
    {
        http.Dispose();
        folder.Dispose();
    }

    private string Shown(string place) => "/" + Path.GetRelativePath(folder.Path, place);

    /// <summary>Answers what was said; nothing else is there.</summary>
    private sealed class MadeNetwork : HttpMessageHandler
    {
        internal Dictionary<string, (HttpStatusCode Status, string Body)> Answers { get; } = [];

        internal ManualTimeProvider Time { get; } = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!Answers.TryGetValue(request.RequestUri!.ToString(), out var answer)) throw new HttpRequestException("Connection refused");
            var response = new HttpResponseMessage(answer.Status) { Content = new StringContent(answer.Body) };
            response.Headers.Date = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            return Task.FromResult(response);
        }
    }
}
