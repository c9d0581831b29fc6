using FluentAssertions;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

/// <summary>The jobs of GPUs, read from the environments of their processes.</summary>
public sealed class GpuJobsTests : IDisposable
{
    private readonly TemporaryFolder procfs = new();
    private readonly ManualTimeProvider time = new();
    private readonly List<GpuUsers> users = [];
    private readonly GpuJobs jobs;

    public GpuJobsTests() => jobs = new GpuJobs(() => users, procfs.Path, time);

    public void Dispose() => procfs.Dispose();

    [Fact]
    public void Before_the_first_look_nothing_is_said_and_nothing_denied()
    {
        jobs.Of("GPU-0").Should().BeNull();
        jobs.OrNotYet("GPU-0").Should().BeSameAs(GpuJobs.NotYet);
        jobs.Look();
        jobs.OrNotYet("GPU-0").Should().BeNull();
    }

    [Theory]
    [InlineData("SLURM_JOB_ID=4711\0SLURM_JOB_NAME=train\0SLURM_JOB_USER=alice\0", "slurm", "4711", "train", "alice")]
    [InlineData("PATH=/bin\0PBS_JOBID=12.server\0PBS_JOBNAME=x\0PBS_O_LOGNAME=bob\0", "pbs", "12.server", "x", "bob")]
    [InlineData("LSB_JOBID=9\0", "lsf", "9", "", "")]
    public void Each_scheduler_has_its_own_variables(string environment, string scheduler, string id, string name, string user)
    {
        Run(gpu: 0, pid: 10, environment);
        jobs.Look();
        jobs.Of("GPU-0").Should().Be(new JobReference(scheduler, id, name, user));
    }

    [Fact]
    public void A_pod_is_a_job_by_what_its_environment_says_of_it()
    {
        Run(0, 10, "POD_UID=aa-bb\0POD_NAMESPACE=research\0POD_NAME=train-0\0");
        jobs.Look();
        jobs.Of("GPU-0").Should().Be(new JobReference("kubernetes", "aa-bb", Namespace: "research", Pod: "train-0"));
    }

    [Fact]
    public void The_same_job_is_the_same_object_and_another_one_is_not()
    {
        Run(0, 10, "SLURM_JOB_ID=1\0");
        jobs.Look();
        var first = jobs.Of("GPU-0");
        jobs.Look();
        jobs.Of("GPU-0").Should().BeSameAs(first);
        Run(0, 11, "SLURM_JOB_ID=2\0");
        users.RemoveAt(0);
        jobs.Look();
        jobs.Of("GPU-0")!.Id.Should().Be("2");
    }

    [Fact]
    public void A_job_whose_processes_are_gone_is_told_for_a_minute_more()
    {
        Run(0, 10, "SLURM_JOB_ID=1\0");
        jobs.Look();
        users[0] = users[0] with { Processes = [] };
        time.Advance(GpuJobs.Lasts);
        jobs.Look();
        jobs.Of("GPU-0")!.Id.Should().Be("1");
        time.Advance(TimeSpan.FromSeconds(1));
        jobs.Look();
        jobs.Of("GPU-0").Should().BeNull();
    }

    [Fact]
    public void A_process_that_is_gone_or_without_a_scheduler_has_no_job()
    {
        Run(0, 10, "HOME=/root\0");
        users.Add(new GpuUsers(1, "GPU-1", [99]));
        jobs.Look();
        jobs.Of("GPU-0").Should().BeNull();
        jobs.Of("GPU-1").Should().BeNull();
    }

    [Fact]
    public void What_a_job_puts_into_its_environment_is_bounded_and_one_line()
    {
        Run(0, 10, $"SLURM_JOB_ID=1\n2\0SLURM_JOB_NAME={new string('x', 5000)}\0");
        jobs.Look();
        jobs.Of("GPU-0").Should().Be(new JobReference("slurm", "1 2", new string('x', 256)));
    }

    [Fact]
    public void Each_gpu_with_a_job_is_a_series()
    {
        Run(0, 10, "SLURM_JOB_ID=4711\0SLURM_JOB_NAME=train\0SLURM_JOB_USER=alice\0");
        Run(3, 11, "HOME=/\0");
        jobs.Look();
        var readings = new NodeReadings();
        jobs.Register(readings);
        readings.Read(MetricTable.JobInfo).Should().ContainSingle().Which.Labels.Should().Equal("0", "GPU-0", "4711", "train", "alice", "", "", "slurm");
    }

    private void Run(int gpu, long pid, string environment)
    {
        procfs.Write(environment, $"{pid}", "environ");
        users.Add(new GpuUsers(gpu, $"GPU-{gpu}", [pid]));
    }
}
