import { connectionConformance } from '../../host/conformance/connection.ts';
import { sshLab } from './ssh-lab.ts';

connectionConformance('ssh', async () => {
  const lab = await sshLab();
  const provider = lab.provider();
  return {
    connect: (options = {}) => provider.connect(lab.settings(), options),
    sever: () => lab.cutSessions(),
    close: () => lab.stop(),
  };
});
