using PushPlatform.PushNode.Handshake;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Handshake;

public sealed class AdmissionTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Judge_UnderAStorm_AdmitsTheRate_AndSpreadsTheRestOverTheTimeTheyNeed()
    {
        Admission admission = new(100, 1_000_000, _time);
        List<int> waits = [];
        int admitted = 0;
        for (int i = 0; i < 3000; i++)
        {
            if (admission.Judge(out int retryAfter) == AdmissionVerdict.Admitted)
            {
                admitted++;
            }
            else
            {
                waits.Add(retryAfter);
            }
        }

        admitted.ShouldBe(100);
        waits.ShouldAllBe(seconds => seconds >= 1 && seconds <= 60);
        waits.Max().ShouldBeGreaterThan(20, "2,900 cars at 100 a second need 29 seconds");
        waits.Take(50).Max().ShouldBeLessThanOrEqualTo(2, "the first ones need not wait for a crowd that is not there yet");
    }

    [Fact]
    public void Judge_AfterTheStorm_AdmitsAgain_NeverMoreThanASecondsWorthAtOnce()
    {
        Admission admission = new(100, 1_000_000, _time);
        Drain(admission);

        _time.Pass(TimeSpan.FromMilliseconds(250));
        Drain(admission).ShouldBe(25);
        _time.Pass(TimeSpan.FromHours(1));
        Drain(admission).ShouldBe(100);
    }

    [Fact]
    public void Judge_WhenFullOrDraining_SaysWhich()
    {
        Admission admission = new(100, 1, _time);
        admission.Enter();
        admission.Judge(out _).ShouldBe(AdmissionVerdict.Admitted);
        admission.Enter();
        admission.Judge(out int whenFull).ShouldBe(AdmissionVerdict.TooManyConnections);
        whenFull.ShouldBeInRange(1, 60);
        admission.Leave();
        admission.Judge(out _).ShouldBe(AdmissionVerdict.Admitted);

        admission.BeginDrain();

        admission.Judge(out int whenDraining).ShouldBe(AdmissionVerdict.Draining);
        whenDraining.ShouldBeInRange(1, 2);
    }

    private static int Drain(Admission admission)
    {
        int admitted = 0;
        while (admission.Judge(out _) == AdmissionVerdict.Admitted)
        {
            admitted++;
        }

        return admitted;
    }
}
